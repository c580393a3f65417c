package io.cema.trt.power;

/** A sensor that is not there or cannot be read; the message names the file or the call, and why. */
public final class SensorException extends RuntimeException {
    public SensorException(String message) {
        super(message);
    }

    public SensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
