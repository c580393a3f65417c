package io.cema.edge.selection;

/**
 * The dynamic E_max(t) = E_max(0) * lambda * Hbar(t) / Hbar(warm-up) of CEMA (arXiv 2402.17316), Hbar the mean entropy
 * of all images seen. One thread.
 */
final class ReliabilityThreshold {
    private final SelectionSettings settings;
    private long seen;
    private double mean;
    private double warmUpMean;

    ReliabilityThreshold(SelectionSettings settings) {
        this.settings = settings;
    }

    /** Takes one image's entropy into the mean and gives E_max for it, in nats. */
    double observe(double entropy) {
        seen++;
        mean += (entropy - mean) / seen;
        if (seen == settings.warmUpFrames()) {
            warmUpMean = mean;
        }
        return current();
    }

    /** E_max(t) in nats. */
    double current() {
        double start = settings.entropyMax();
        // A stream of certainties at warm-up leaves no ratio to follow.
        if (seen < settings.warmUpFrames() || warmUpMean <= 0) {
            return start;
        }
        double dynamic = start * settings.lambda() * mean / warmUpMean;
        return Math.min(dynamic, start * settings.maxGrowth());
    }

    /** Hbar(t) in nats, 0 before the first image. */
    double meanEntropy() {
        return mean;
    }
}
