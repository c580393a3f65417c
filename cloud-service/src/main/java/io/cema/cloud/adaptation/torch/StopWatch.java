package io.cema.cloud.adaptation.torch;

/** Splits a step's wall time; each call books the time since the last one. */
final class StopWatch {
    private final long start = System.nanoTime();
    private long last = start;
    private long foundationForward;
    private long foundationBackward;
    private long teacherForward;
    private long studentForward;
    private long studentBackward;
    private long rest;

    private long lap() {
        long now = System.nanoTime();
        long lap = now - last;
        last = now;
        return lap;
    }

    void foundationForward() {
        foundationForward += lap();
    }

    void foundationBackward() {
        foundationBackward += lap();
    }

    void teacherForward() {
        teacherForward += lap();
    }

    void studentForward() {
        studentForward += lap();
    }

    void studentBackward() {
        studentBackward += lap();
    }

    void rest() {
        rest += lap();
    }

    StepReport.Time time() {
        rest();
        return new StepReport.Time(
                foundationForward, foundationBackward, teacherForward, studentForward, studentBackward, rest);
    }
}
