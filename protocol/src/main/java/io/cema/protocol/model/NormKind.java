package io.cema.protocol.model;

/** The kind of a normalisation layer, which decides what its effective affine means. */
public enum NormKind {
    /** Statistics over batch and space, fixed at inference: a = gamma / sqrt(var + eps), b = beta - mu * a. */
    BATCH,
    /** Statistics per sample over the last axes: a = gamma, b = beta. */
    LAYER,
    /** Statistics per sample and channel group: a = gamma, b = beta. */
    GROUP,
    /** Statistics per sample and channel: a = gamma, b = beta. */
    INSTANCE;

    /** True if inference uses running statistics that are part of the effective affine. */
    public boolean hasRunningStatistics() {
        return this == BATCH;
    }
}
