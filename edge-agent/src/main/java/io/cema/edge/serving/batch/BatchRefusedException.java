package io.cema.edge.serving.batch;

/** A request that will not be run. */
public final class BatchRefusedException extends RuntimeException {
    /** Why not. */
    public enum Cause {
        /** As many requests wait as may. */
        QUEUE_FULL,
        /** The batcher is closed. */
        CLOSED
    }

    private final Cause reason;

    BatchRefusedException(Cause reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Cause reason() {
        return reason;
    }
}
