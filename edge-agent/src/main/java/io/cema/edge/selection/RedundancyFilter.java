package io.cema.edge.selection;

/**
 * EATA's filter (ICML 2022): an image is redundant if its probabilities point where the moving average of kept ones
 * points. One thread.
 */
final class RedundancyFilter {
    private final double maxCosine;
    private final double momentum;
    private double[] average;

    RedundancyFilter(double maxCosine, double momentum) {
        this.maxCosine = maxCosine;
        this.momentum = momentum;
    }

    boolean redundant(float[] probabilities) {
        return average != null && Math.abs(cosine(probabilities)) >= maxCosine;
    }

    /** Takes a kept image into the average. */
    void keep(float[] probabilities) {
        if (average == null) {
            average = new double[probabilities.length];
            for (int c = 0; c < average.length; c++) {
                average[c] = probabilities[c];
            }
            return;
        }
        for (int c = 0; c < average.length; c++) {
            average[c] = momentum * average[c] + (1 - momentum) * probabilities[c];
        }
    }

    /** Forgets the average: what was usual in another domain makes nothing redundant in this one. */
    void restart() {
        average = null;
    }

    private double cosine(float[] p) {
        double dot = 0;
        double pp = 0;
        double aa = 0;
        for (int c = 0; c < p.length; c++) {
            dot += p[c] * average[c];
            pp += (double) p[c] * p[c];
            aa += average[c] * average[c];
        }
        return dot / Math.sqrt(pp * aa);
    }
}
