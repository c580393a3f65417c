package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.LoopTime;

/**
 * What a method has cost so far.
 *
 * @param uploadedBytes MQTT payload bytes of samples
 * @param updateBytes MQTT payload bytes of updates the edge was sent
 * @param refused updates the gate, or the edge, refused
 * @param edgeNanos wall time of prediction, selection and application of updates
 * @param cloudNanos wall time of learning, judging and coding
 * @param cloudTime where cloudNanos went
 */
record Tally(
        long uploadedImages,
        long uploadedBytes,
        long updateBytes,
        long published,
        long refused,
        long edgeNanos,
        long cloudNanos,
        LoopTime cloudTime) {
    /** Of a method without a cloud. */
    static Tally onEdge(long nanos) {
        return new Tally(0, 0, 0, 0, 0, nanos, 0, LoopTime.NONE);
    }
}
