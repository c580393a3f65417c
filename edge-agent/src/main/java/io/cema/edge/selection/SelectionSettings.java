package io.cema.edge.selection;

import io.cema.protocol.message.SelectionPolicy;

/**
 * Thresholds of the selection, all checked at construction: a selector with nonsense in it does not come to be.
 *
 * @param classes number of classes C, at least 2
 * @param entropyMaxFraction E_max(0) = fraction * ln C, in (0, 1]
 * @param entropyMinFraction E_min = fraction * ln C, in [0, entropyMaxFraction)
 * @param lambda factor of the dynamic E_max, above 0
 * @param warmUpFrames frames before E_max becomes dynamic, at least 1
 * @param maxGrowth E_max(t) stays at or below maxGrowth * E_max(0). The published rule has no such bound, since it
 *     starts on the drifted stream, where the mean entropy only falls; an agent that starts on a clear day would
 *     otherwise find anything reliable once it drifts
 * @param redundancyCosine d, in (0, 1]
 * @param redundancyMomentum of the moving average of kept probabilities, in [0, 1)
 * @param similarityThreshold eta of the near-duplicate filter, in (0, 1]; 1 switches it off
 * @param maxConsecutiveSkips near-duplicates skipped in a row before one is kept all the same, at least 1
 * @param randomShare share of all frames uploaded at random past the selection, in [0, 1]
 * @param sampling how uploads thin out as a domain grows old
 */
public record SelectionSettings(
        int classes,
        double entropyMaxFraction,
        double entropyMinFraction,
        double lambda,
        int warmUpFrames,
        double maxGrowth,
        double redundancyCosine,
        double redundancyMomentum,
        double similarityThreshold,
        int maxConsecutiveSkips,
        double randomShare,
        Sampling sampling) {
    public SelectionSettings {
        require(classes >= 2, "classes", classes, "at least 2");
        require(entropyMaxFraction > 0 && entropyMaxFraction <= 1, "entropy-max-fraction", entropyMaxFraction, "(0,1]");
        require(
                entropyMinFraction >= 0 && entropyMinFraction < entropyMaxFraction,
                "entropy-min-fraction",
                entropyMinFraction,
                "at least 0 and below entropy-max-fraction " + entropyMaxFraction);
        require(lambda > 0 && Double.isFinite(lambda), "lambda", lambda, "above 0");
        require(warmUpFrames >= 1, "warm-up-frames", warmUpFrames, "at least 1");
        require(maxGrowth >= 1 && Double.isFinite(maxGrowth), "max-growth", maxGrowth, "at least 1");
        require(redundancyCosine > 0 && redundancyCosine <= 1, "redundancy-cosine", redundancyCosine, "(0,1]");
        require(redundancyMomentum >= 0 && redundancyMomentum < 1, "redundancy-momentum", redundancyMomentum, "[0,1)");
        require(
                similarityThreshold > 0 && similarityThreshold <= 1,
                "similarity-threshold",
                similarityThreshold,
                "(0,1]");
        require(maxConsecutiveSkips >= 1, "max-consecutive-skips", maxConsecutiveSkips, "at least 1");
        require(randomShare >= 0 && randomShare <= 1, "random-share", randomShare, "[0,1]");
    }

    /** The published constants for C classes; d = 0.4 (10/C)^0.45, at most 1. */
    public static SelectionSettings published(int classes) {
        double d = Math.min(1, 0.4 * Math.pow(10.0 / classes, 0.45));
        return new SelectionSettings(classes, 0.4, 0.02, 1.0, 128, 1.0, d, 0.9, 0.98, 30, 0.005, Sampling.published());
    }

    /** What the product runs by default: the published filters, behind {@link Sampling#defaults}. */
    public static SelectionSettings defaults(int classes) {
        return published(classes).with(Sampling.defaults());
    }

    /** These settings with another sampling. */
    public SelectionSettings with(Sampling other) {
        return new SelectionSettings(
                classes,
                entropyMaxFraction,
                entropyMinFraction,
                lambda,
                warmUpFrames,
                maxGrowth,
                redundancyCosine,
                redundancyMomentum,
                similarityThreshold,
                maxConsecutiveSkips,
                randomShare,
                other);
    }

    /**
     * These settings with what the cloud's policy sets; a zero there means "the agent's default".
     *
     * @throws IllegalArgumentException if the policy carries a value out of range
     */
    public SelectionSettings with(SelectionPolicy policy) {
        return new SelectionSettings(
                classes,
                override(policy.getEntropyMaxFraction(), entropyMaxFraction),
                override(policy.getEntropyMinFraction(), entropyMinFraction),
                lambda,
                warmUpFrames,
                maxGrowth,
                override(policy.getRedundancyCosine(), redundancyCosine),
                redundancyMomentum,
                override(policy.getSimilarityThreshold(), similarityThreshold),
                maxConsecutiveSkips,
                override(policy.getRandomShare(), randomShare),
                sampling);
    }

    /** E_max(0) in nats. */
    public double entropyMax() {
        return entropyMaxFraction * Math.log(classes);
    }

    /** E_min in nats. */
    public double entropyMin() {
        return entropyMinFraction * Math.log(classes);
    }

    /** Weight of a kept image: w(H) = exp(-(H - E_max(0))). */
    public double weight(double entropy) {
        return Math.exp(-(entropy - entropyMax()));
    }

    private static double override(float value, double otherwise) {
        // The decimal the operator wrote, not the float nearest to it: 0.4f is 0.4000000059604645.
        return value == 0f ? otherwise : Double.parseDouble(Float.toString(value));
    }

    private static void require(boolean holds, String name, Number value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("selection " + name + " is " + value + ", must be " + range);
        }
    }
}
