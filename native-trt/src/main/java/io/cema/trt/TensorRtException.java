package io.cema.trt;

/** What TensorRT, CUDA or this library could not do; the message says what, where and what to do about it. */
public final class TensorRtException extends RuntimeException {
    /** What a caller may want to tell apart. */
    public enum Reason {
        /** No driver, no GPU, or a library is missing or of another version. */
        UNAVAILABLE,
        /** An ONNX file that TensorRT cannot take; the message names the node. */
        MODEL_REJECTED,
        /** The GPU's memory does not suffice, at build or at run; the message has the sizes. */
        OUT_OF_MEMORY,
        /** A plan of another TensorRT version or GPU, or a damaged one: build it again. */
        PLAN_REJECTED,
        /** A weight that the engine lacks, or of another size or type. The engine must not run any more. */
        REFIT_REJECTED,
        /** A build or a run failed for another reason. */
        FAILED
    }

    private final Reason reason;

    public TensorRtException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public TensorRtException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
