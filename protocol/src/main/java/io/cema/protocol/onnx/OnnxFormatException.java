package io.cema.protocol.onnx;

/** An ONNX file the platform cannot take; the message names node, operator or tensor and the remedy. */
public final class OnnxFormatException extends RuntimeException {
    public OnnxFormatException(String message) {
        super(message);
    }

    public OnnxFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
