package io.cema.protocol.signature;

/** An envelope that cannot be trusted or read; the message says which check failed. */
public final class EnvelopeException extends RuntimeException {
    public EnvelopeException(String message) {
        super(message);
    }

    public EnvelopeException(String message, Throwable cause) {
        super(message, cause);
    }
}
