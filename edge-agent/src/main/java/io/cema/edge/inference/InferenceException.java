package io.cema.edge.inference;

/** A model that an engine could not load or run; the message says which and why. */
public final class InferenceException extends RuntimeException {
    public InferenceException(String message) {
        super(message);
    }

    public InferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
