package io.cema.cloud.drift;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Gathers a reference, in sums alone. Frames of a camera go together for longer than an observation lasts; how much is told
 * by the squared steps between observations against their squared distances from the mean (von Neumann's ratio): with
 * correlation r between neighbours the mean step is 2 (1 - r) variances. A mean of b such neighbours varies as that of
 * b (1 - r) / (1 + r) independent ones, so (1 + r) / (1 - r) of them are taken for one. One thread.
 */
final class Learning {
    private static final int LARGEST_BATCH = 12;
    /** Correlations below it cannot be told from none by so few observations. */
    private static final double NOTABLE = 0.15;

    private static final double ROUNDING = 1e-12;

    @JsonProperty
    private int count;

    @JsonProperty
    private double[] sum = {};

    @JsonProperty
    private double[] last = {};

    @JsonProperty
    private double squares;

    @JsonProperty
    private double steps;

    @JsonProperty
    private long fewestFrames = Long.MAX_VALUE;

    /** @return how many there are now */
    int add(double[] observed, long frames) {
        if (count == 0) {
            sum = new double[observed.length];
        }
        for (int i = 0; i < observed.length; i++) {
            sum[i] += observed[i];
            squares += observed[i] * observed[i];
            if (count > 0) {
                steps += (observed[i] - last[i]) * (observed[i] - last[i]);
            }
        }
        last = observed.clone();
        fewestFrames = Math.min(fewestFrames, frames);
        count++;
        return count;
    }

    /** Whether the observation is one of as many numbers as those before. */
    boolean fits(double[] observed) {
        return count == 0 || sum.length == observed.length;
    }

    /** Of two observations or more. */
    Reference reference() {
        double[] centre = new double[sum.length];
        double offCentre = squares;
        for (int i = 0; i < centre.length; i++) {
            centre[i] = sum[i] / count;
            offCentre -= sum[i] * centre[i];
        }
        // Observations that are all the same have no correlation, only rounding.
        double correlation = offCentre <= ROUNDING * squares ? 0 : 1 - steps / (2 * offCentre);
        return new Reference(centre, batch(correlation), fewestFrames);
    }

    static int batch(double correlation) {
        return correlation < NOTABLE
                ? 1
                : (int) Math.min(LARGEST_BATCH, Math.ceil((1 + correlation) / (1 - Math.min(0.99, correlation))));
    }
}
