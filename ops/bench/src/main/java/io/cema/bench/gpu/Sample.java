package io.cema.bench.gpu;

import java.util.Arrays;

/**
 * Times of one thing, in milliseconds.
 *
 * @param median of all
 * @param slowest of all
 * @param count how many
 */
record Sample(double median, double slowest, int count) {
    static Sample of(double[] milliseconds) {
        double[] sorted = milliseconds.clone();
        Arrays.sort(sorted);
        return new Sample(sorted[sorted.length / 2], sorted[sorted.length - 1], sorted.length);
    }
}
