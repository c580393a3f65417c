package io.cema.edge.inference;

/**
 * One loaded classifier on some hardware. Thread-safe: any number of threads may call {@link #logits} at once. Owned by
 * whoever opened it, who closes it after the last call has returned.
 */
public interface InferenceEngine extends AutoCloseable {
    /** Engine, device and version, e.g. {@code onnxruntime-cpu 1.29.0}. */
    String name();

    /** Floats of one input: 3 * height * width. */
    int inputLength();

    /** Number of classes C. */
    int classes();

    /**
     * Runs the model forward.
     *
     * @param batchInput float32, NCHW, length n * {@link #inputLength()}
     * @param n images in the batch, at least 1
     * @return float32, length n * {@link #classes()}, row by row
     * @throws InferenceException if the run fails; the engine stays usable
     */
    float[] logits(float[] batchInput, int n);

    @Override
    void close();
}
