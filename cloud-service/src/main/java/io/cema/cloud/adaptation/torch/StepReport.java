package io.cema.cloud.adaptation.torch;

import java.util.List;

/**
 * What one step did.
 *
 * @param step steps made in this distiller's life, checkpoints included; the first is 1
 * @param fresh images seen for the first time
 * @param replayed stored images
 * @param foundationLoss mean(w(H) H) of the foundation model on the fresh images before its step; 0 without fresh ones
 * @param entropyLoss mean(w(H_s) H_s), unweighted by the loss weights
 * @param distillationLoss mean(w(H_t) KL(t || s))
 * @param labelLoss mean(w(H_t) CE(s, argmax t))
 * @param divergence of the fresh images' statistics from the running ones, nats per channel; 0 if not measured
 * @param shifted true if the statistics started anew with this step
 * @param teacher class of each fresh image by the teacher, as many as it looked at
 * @param time where the time went
 */
public record StepReport(
        long step,
        int fresh,
        int replayed,
        double foundationLoss,
        double entropyLoss,
        double distillationLoss,
        double labelLoss,
        double divergence,
        boolean shifted,
        List<Integer> teacher,
        Time time) {
    /** Wall time in nanoseconds; rest holds preprocessing, statistics and the optimiser. */
    public record Time(
            long foundationForward,
            long foundationBackward,
            long teacherForward,
            long studentForward,
            long studentBackward,
            long rest) {
        public long total() {
            return foundationForward + foundationBackward + teacherForward + studentForward + studentBackward + rest;
        }
    }
}
