package io.cema.cloud.adaptation.torch;

/** Learning went off the numbers (NaN or infinite); the distiller stands at its last good state again. */
public final class DistillationException extends RuntimeException {
    DistillationException(String message) {
        super(message);
    }
}
