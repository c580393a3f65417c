package io.cema.cloud.guard;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the uploads of one device look like, as sums that can be joined.
 *
 * @param images how many there are
 * @param sums of the {@link Trait}s over the images
 * @param classes images per class the device predicted
 */
record Portrait(long images, double[] sums, Map<Integer, Long> classes) {
    static final Portrait EMPTY = new Portrait(0, new double[Trait.values().length], Map.of());

    Portrait plus(Portrait other) {
        double[] joined = Arrays.copyOf(sums, sums.length);
        for (int i = 0; i < joined.length; i++) {
            joined[i] += other.sums[i];
        }
        Map<Integer, Long> counts = new HashMap<>(classes);
        other.classes.forEach((label, count) -> counts.merge(label, count, Long::sum));
        return new Portrait(images + other.images, joined, counts);
    }

    double mean(Trait trait) {
        return sums[trait.ordinal()] / images;
    }

    /** Share of each class, which sum up to 1. */
    Map<Integer, Double> shares() {
        Map<Integer, Double> shares = new TreeMap<>();
        classes.forEach((label, count) -> shares.put(label, (double) count / images));
        return shares;
    }
}
