package io.cema.bench.evaluation;

/**
 * What a method has cost so far.
 *
 * @param uploadedBytes MQTT payload bytes of samples
 * @param updateBytes MQTT payload bytes of updates the edge was sent
 * @param refused updates the gate, or the edge, refused
 * @param edgeNanos wall time of prediction, selection and application of updates
 * @param cloudNanos wall time of learning, judging and coding
 * @param steps of learning
 */
record Tally(
        long uploadedImages,
        long uploadedBytes,
        long updateBytes,
        long published,
        long refused,
        long edgeNanos,
        long cloudNanos,
        long steps) {
    static final Tally NOTHING = new Tally(0, 0, 0, 0, 0, 0, 0, 0);
}
