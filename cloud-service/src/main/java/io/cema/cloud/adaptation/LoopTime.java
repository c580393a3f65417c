package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.StepReport;

/**
 * Where a loop's wall time went, nanoseconds; what is missing to the whole is images, coding, the store and the optimiser.
 *
 * @param forward forward passes: of learning, of calibration and of judging
 * @param backward backward passes with the optimiser's step
 */
public record LoopTime(long forward, long backward) {
    public static final LoopTime NONE = new LoopTime(0, 0);

    public LoopTime plus(StepReport.Time step) {
        return new LoopTime(
                forward + step.foundationForward() + step.teacherForward() + step.studentForward(),
                backward + step.foundationBackward() + step.studentBackward());
    }

    LoopTime plusForward(long nanos) {
        return new LoopTime(forward + nanos, backward);
    }
}
