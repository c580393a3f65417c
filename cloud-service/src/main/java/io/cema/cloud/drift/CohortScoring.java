package io.cema.cloud.drift;

/**
 * Of the mean rank of a cohort's devices: how much higher it is than it was. Each device is compared with its own past, so a
 * mean of half or so is usual whatever they show; one that all of them raise a little stands out sooner than each of them.
 */
final class CohortScoring implements Scoring {
    static final Scoring INSTANCE = new CohortScoring();
    private static final double MARGIN = 0.15;

    private CohortScoring() {}

    @Override
    public double score(double[] observed, double[] reference) {
        return Math.max(0, Math.min(1, observed[0] - reference[0]));
    }

    @Override
    public double margin() {
        return MARGIN;
    }
}
