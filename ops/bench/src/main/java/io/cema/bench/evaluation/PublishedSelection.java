package io.cema.bench.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * Selection batch by batch, as EATA (ICML 2022) and CEMA (ICLR 2024) were released: reliable, above a least entropy, and
 * not redundant to the moving average of kept predictions as it stood before the batch. The product's own selection goes
 * image by image. One thread.
 */
final class PublishedSelection {
    private static final double MOMENTUM = 0.9;

    private final double entropyMax;
    private final double entropyMin;
    private final double redundancy;
    private double[] average;

    /** @param entropyMin fraction of ln C at or below which nothing is to be learnt; 0: no such bound */
    PublishedSelection(int classes, double entropyMin) {
        this.entropyMax = 0.4 * Math.log(classes);
        this.entropyMin = entropyMin * Math.log(classes);
        this.redundancy = Math.min(1, 0.4 * Math.pow(10.0 / classes, 0.45));
    }

    double entropyMax() {
        return entropyMax;
    }

    /**
     * @param probabilities of each image of a batch
     * @param entropies of each, nats
     * @return indices of the kept images
     */
    List<Integer> keep(List<float[]> probabilities, double[] entropies) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < entropies.length; i++) {
            boolean informative = entropies[i] < entropyMax && (entropyMin == 0 || entropies[i] > entropyMin);
            if (informative && (average == null || Math.abs(cosine(probabilities.get(i))) < redundancy)) {
                kept.add(i);
            }
        }
        if (!kept.isEmpty()) {
            follow(probabilities, kept);
        }
        return kept;
    }

    private void follow(List<float[]> probabilities, List<Integer> kept) {
        double[] mean = new double[probabilities.get(0).length];
        for (int i : kept) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += probabilities.get(i)[c] / kept.size();
            }
        }
        for (int c = 0; c < mean.length && average != null; c++) {
            mean[c] = MOMENTUM * average[c] + (1 - MOMENTUM) * mean[c];
        }
        average = mean;
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
