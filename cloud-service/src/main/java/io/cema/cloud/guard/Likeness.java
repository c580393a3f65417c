package io.cema.cloud.guard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares each device with the others of its cohort. Its distance from them is the Euclidean one to their medians, trait by
 * trait, in units of what is nothing special; its score is that distance over the median distance of the others, each from
 * all but itself, or over one unit if they are closer than that. Medians: half of the others may be odd themselves. The
 * worst device alone is named, since the others look different without it.
 *
 * <p>The threshold, 4 + 8 / (devices - 3), is where of 100 cohorts of equal devices, whose differences are normal in two or
 * more independent directions, at most one would lose a device; that was simulated, and the test does so again.
 */
final class Likeness {
    /** With fewer devices nobody can tell which of them is odd. */
    static final int FEWEST_DEVICES = 4;

    private Likeness() {}

    /** A device too far from the others. */
    record Outlier(DeviceWindow window, double score, double threshold, List<Evidence.Difference> differences) {}

    static double threshold(int devices) {
        return 4 + 8.0 / (devices - FEWEST_DEVICES + 1);
    }

    /** The worst device, if it is beyond the threshold in both halves of its window. */
    static Optional<Outlier> worst(List<DeviceWindow> windows) {
        if (windows.size() < FEWEST_DEVICES) {
            return Optional.empty();
        }
        Map<String, Portrait> all = new TreeMap<>();
        windows.forEach(window -> all.put(window.device(), window.whole()));
        Map<String, Double> distances = new HashMap<>();
        all.forEach((device, portrait) -> distances.put(device, distance(portrait, center(all, device))));
        double threshold = threshold(windows.size());
        return windows.stream()
                .map(window -> outlier(window, all, distances, threshold))
                .filter(outlier -> outlier.score() > threshold)
                .max(Comparator.comparingDouble(Outlier::score)
                        .thenComparing(outlier -> outlier.window().device()));
    }

    private static Outlier outlier(
            DeviceWindow window, Map<String, Portrait> all, Map<String, Double> distances, double threshold) {
        Center center = center(all, window.device());
        List<Double> others = new ArrayList<>();
        distances.forEach((device, distance) -> {
            if (!device.equals(window.device())) {
                others.add(distance);
            }
        });
        double usual = Math.max(1, median(others));
        double nearer = Math.min(distance(window.older(), center), distance(window.newer(), center));
        return new Outlier(window, nearer / usual, threshold, differences(window.whole(), center));
    }

    /** The others' medians. */
    private record Center(double[] traits, Map<Integer, Double> shares) {}

    private static Center center(Map<String, Portrait> all, String without) {
        List<Portrait> others = new ArrayList<>();
        all.forEach((device, portrait) -> {
            if (!device.equals(without)) {
                others.add(portrait);
            }
        });
        double[] traits = new double[Trait.values().length];
        for (Trait trait : Trait.values()) {
            traits[trait.ordinal()] =
                    median(others.stream().map(p -> p.mean(trait)).toList());
        }
        return new Center(
                traits, medianShares(others.stream().map(Portrait::shares).toList()));
    }

    private static Map<Integer, Double> medianShares(List<Map<Integer, Double>> shares) {
        TreeSet<Integer> classes = new TreeSet<>();
        shares.forEach(s -> classes.addAll(s.keySet()));
        Map<Integer, Double> medians = new TreeMap<>();
        classes.forEach(label -> medians.put(
                label,
                median(shares.stream().map(s -> s.getOrDefault(label, 0.0)).toList())));
        double sum = medians.values().stream().mapToDouble(share -> share).sum();
        if (sum > 0) {
            medians.replaceAll((label, share) -> share / sum);
        }
        return medians;
    }

    private static double distance(Portrait portrait, Center center) {
        double sum = 0;
        for (Evidence.Difference difference : differences(portrait, center)) {
            sum += difference.difference() * difference.difference();
        }
        return Math.sqrt(sum);
    }

    private static List<Evidence.Difference> differences(Portrait portrait, Center center) {
        List<Evidence.Difference> differences = new ArrayList<>();
        for (Trait trait : Trait.values()) {
            double device = portrait.mean(trait);
            double others = center.traits()[trait.ordinal()];
            differences.add(new Evidence.Difference(trait.name(), device, others, (device - others) / trait.unit()));
        }
        double variation = variation(portrait.shares(), center.shares());
        differences.add(new Evidence.Difference("CLASSES", variation, 0, variation / Trait.CLASS_UNIT));
        return differences;
    }

    /** Total variation distance of two distributions, 0 to 1; 0 where the others agree on no class at all. */
    private static double variation(Map<Integer, Double> one, Map<Integer, Double> other) {
        if (other.values().stream().noneMatch(share -> share > 0)) {
            return 0;
        }
        TreeSet<Integer> classes = new TreeSet<>(one.keySet());
        classes.addAll(other.keySet());
        return classes.stream()
                        .mapToDouble(label -> Math.abs(one.getOrDefault(label, 0.0) - other.getOrDefault(label, 0.0)))
                        .sum()
                / 2;
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
