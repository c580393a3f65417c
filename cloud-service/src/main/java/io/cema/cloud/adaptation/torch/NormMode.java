package io.cema.cloud.adaptation.torch;

/** Which statistics batch normalisation uses in a forward pass. The other normalisation layers are alike in all. */
public enum NormMode {
    /** The model's own running statistics, as registered: what an edge computes before any update. */
    SOURCE,
    /**
     * Training mode of the adaptation: first updates the running target statistics (mu, var) with the batch, then
     * normalises by batch renormalisation (Ioffe 2017): the value is that of normalising with (mu, var), the gradient
     * flows through the batch's own statistics.
     */
    RENORM,
    /** Inference with the running target statistics; with the model's own while no batch was seen. */
    TARGET,
    /**
     * As {@link #RENORM}, but (mu, var) are this very batch's statistics blended with the source's, and nothing follows:
     * the value is what calibration on these very images would give.
     */
    BLEND,
    /** Plain batch statistics; changes nothing. The "bn" baseline, and TENT's. */
    BATCH,
    /** Ordinary training: batch statistics, and the model's own running statistics follow them. */
    TRAIN
}
