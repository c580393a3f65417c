package io.cema.cloud.compression;

/** How often magnitudes of a value occur between 0 and the largest. */
final class MagnitudeHistogram {
    private static final int BINS = 2048;
    private static final int LEVELS = 128;

    private final float range;
    private final long[] counts = new long[BINS];

    /** @param range the largest magnitude */
    MagnitudeHistogram(float range) {
        this.range = range;
    }

    void add(float[] values) {
        float scale = range > 0 ? BINS / range : 0;
        for (float v : values) {
            counts[Math.min(BINS - 1, (int) (Math.abs(v) * scale))]++;
        }
    }

    /** The magnitude below which that many percent of the values lie. */
    float percentile(double percent) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double wanted = total * percent / 100;
        long seen = 0;
        for (int i = 0; i < BINS; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return range * (i + 1) / BINS;
            }
        }
        return range;
    }

    /**
     * The magnitude to clip at so that the distribution in 128 steps has the least Kullback-Leibler divergence from the
     * measured one (Migacz, 8-bit inference with TensorRT, 2017).
     */
    float leastDivergence() {
        int best = BINS;
        double least = Double.POSITIVE_INFINITY;
        for (int bins = LEVELS; bins <= BINS; bins += 8) {
            double divergence = divergence(bins);
            if (divergence < least) {
                least = divergence;
                best = bins;
            }
        }
        return range * best / BINS;
    }

    private double divergence(int bins) {
        double[] clipped = new double[bins];
        double total = 0;
        for (int i = 0; i < BINS; i++) {
            clipped[Math.min(i, bins - 1)] += counts[i];
            total += counts[i];
        }
        double quantisedTotal = 0;
        double[] quantised = new double[bins];
        for (int level = 0; level < LEVELS; level++) {
            int from = level * bins / LEVELS;
            int to = (level + 1) * bins / LEVELS;
            double sum = 0;
            int filled = 0;
            for (int i = from; i < to; i++) {
                sum += counts[i];
                filled += counts[i] > 0 ? 1 : 0;
            }
            for (int i = from; i < to; i++) {
                quantised[i] = counts[i] > 0 ? sum / filled : 0;
                quantisedTotal += quantised[i];
            }
        }
        double divergence = 0;
        for (int i = 0; i < bins; i++) {
            if (clipped[i] > 0) {
                double p = clipped[i] / total;
                double q = Math.max(1e-12, quantised[i] / Math.max(1, quantisedTotal));
                divergence += p * Math.log(p / q);
            }
        }
        return divergence;
    }
}
