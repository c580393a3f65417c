package io.cema.edge.inference;

import io.cema.protocol.model.NormStatistics;

/** A loaded model that measures its normalisation statistics. One thread at a time; owned by whoever opened it. */
public interface StatisticsSession extends AutoCloseable {
    /**
     * What a batch gave.
     *
     * @param logits behind the measured statistics, row by row
     */
    record Measured(float[] logits, NormStatistics statistics) {}

    /**
     * One forward pass.
     *
     * @param batchInput float32, NCHW
     * @param n images in the batch
     * @param prior the source's share of what the layers normalise by, 0 to 1
     * @throws InferenceException if the run fails
     */
    Measured measure(float[] batchInput, int n, float prior);

    @Override
    void close();
}
