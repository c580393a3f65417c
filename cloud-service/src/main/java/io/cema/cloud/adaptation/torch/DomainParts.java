package io.cema.cloud.adaptation.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Takes a mixture of domains apart: cameras of one cohort, one in fog and one in the sun. Images are joined by where the
 * foundation model's normalisation layers put them, from the closest pair upwards (Ward's method: what adds least to the
 * squares within), until few parts are left. Of those, what lies apart no further than changing contents put it is joined
 * again, and what is too small to be measured goes to its nearest; or to none, if it lies far from them all and would spoil
 * their statistics. Stateless, any thread.
 */
final class DomainParts {
    /** Images; statistics of fewer scatter too much, even against those of a mixture. */
    private static final int FEWEST = 10;
    /** Nats (see SourceDistance) up to which two parts are of one domain that shows different things. */
    private static final double ONE_DOMAIN = 0.1;
    /**
     * Nats that two contents of one domain may lie apart where each is as far from the source as both together; where it is
     * further, so many times as much.
     */
    private static final double WIDTH = 1.0 / 6;
    /** Nats further than which no two contents of one domain lie apart. */
    private static final double WIDEST_CONTENTS = 0.25;
    /** Nats beyond which a part that is too small is of none of the domains measured. */
    private static final double FAR = 0.25;
    /** Share of the images, one in so many, up to which a part may be left out: a larger one is a domain of its own. */
    private static final int ODD = 8;

    /** Images of a part that are no chance. */
    private static final int SOME = 3;

    private DomainParts() {}

    /**
     * Indices of the images of each part, largest first; one part if they are of one domain. An image that is like few others
     * may be in none.
     *
     * @param most parts
     */
    static List<int[]> of(SourceDistance measured, int most) {
        List<int[]> parts = joined(measured.positions(), most);
        int odd = Math.min(FEWEST - 1, measured.images() / ODD);
        while (parts.size() > 1) {
            int[] pair = nearest(measured, parts);
            if (pair == null) {
                break;
            }
            int[] first = parts.get(pair[0]);
            int[] second = parts.get(pair[1]);
            int[] smaller = first.length < second.length ? first : second;
            boolean mayGo = smaller.length <= odd && small(first) != small(second);
            if (mayGo && measured.between(first, second) > FAR) {
                parts.remove(smaller);
            } else {
                parts.set(pair[0], join(first, second));
                parts.remove(pair[1]);
            }
        }
        if (spreadAround(measured, parts)) {
            return List.of(IntStream.range(0, measured.images()).toArray());
        }
        parts.sort((a, b) -> Integer.compare(b.length, a.length));
        return parts;
    }

    /**
     * Whether a part has some of the older images and some of the newer.
     *
     * @param older how many those are, the first of all
     */
    static boolean common(int[] part, int older) {
        long before = IntStream.of(part).filter(i -> i < older).count();
        return before >= SOME && part.length - before >= SOME;
    }

    /**
     * One domain's contents lie around it: no image is odd, all together are nearer the source than any part of them, and parts
     * are the further from each other the nearer that is.
     */
    private static boolean spreadAround(SourceDistance measured, List<int[]> parts) {
        int kept = parts.stream().mapToInt(part -> part.length).sum();
        if (parts.size() < 2 || kept < measured.images()) {
            return false;
        }
        double nearer = parts.stream().mapToDouble(measured::of).min().orElseThrow() / measured.ofAll();
        if (nearer < 1) {
            return false;
        }
        double widest = Math.min(WIDEST_CONTENTS, nearer * WIDTH);
        for (int a = 0; a < parts.size(); a++) {
            for (int b = 0; b < a; b++) {
                if (measured.between(parts.get(a), parts.get(b)) > widest) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Two parts to be joined, the first of them before the second; null if all are to stay. */
    private static int[] nearest(SourceDistance measured, List<int[]> parts) {
        int[] pair = null;
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < parts.size(); a++) {
            for (int b = a + 1; b < parts.size(); b++) {
                double apart = measured.between(parts.get(a), parts.get(b));
                boolean small = small(parts.get(a)) || small(parts.get(b));
                if (apart < least && (small || apart <= ONE_DOMAIN)) {
                    least = apart;
                    pair = new int[] {a, b};
                }
            }
        }
        return pair;
    }

    private static boolean small(int[] part) {
        return part.length < FEWEST;
    }

    private static int[] join(int[] a, int[] b) {
        return IntStream.concat(IntStream.of(a), IntStream.of(b)).sorted().toArray();
    }

    private static List<int[]> joined(double[][] positions, int most) {
        List<int[]> parts = new ArrayList<>();
        for (int i = 0; i < positions.length; i++) {
            parts.add(new int[] {i});
        }
        // What joining a and b, a above b, would add to the sum of squares.
        double[][] cost = new double[positions.length][];
        for (int a = 0; a < positions.length; a++) {
            cost[a] = new double[a];
            for (int b = 0; b < a; b++) {
                cost[a][b] = squares(positions[a], positions[b]) / 2;
            }
        }
        boolean[] gone = new boolean[positions.length];
        for (int left = positions.length; left > most; left--) {
            int first = -1;
            int second = -1;
            for (int a = 0; a < cost.length; a++) {
                for (int b = 0; b < a && !gone[a]; b++) {
                    if (!gone[b] && (first < 0 || cost[a][b] < cost[first][second])) {
                        first = a;
                        second = b;
                    }
                }
            }
            update(cost, gone, parts, first, second);
        }
        List<int[]> remaining = new ArrayList<>();
        for (int i = 0; i < gone.length; i++) {
            if (!gone[i]) {
                remaining.add(parts.get(i));
            }
        }
        return remaining;
    }

    /** Joins two into the second, by the recurrence of Lance and Williams. */
    private static void update(double[][] cost, boolean[] gone, List<int[]> parts, int first, int second) {
        double n1 = parts.get(first).length;
        double n2 = parts.get(second).length;
        double between = cost[first][second];
        gone[first] = true;
        for (int k = 0; k < cost.length; k++) {
            if (!gone[k] && k != second) {
                double n = parts.get(k).length;
                double joined =
                        ((n1 + n) * at(cost, first, k) + (n2 + n) * at(cost, second, k) - n * between) / (n1 + n2 + n);
                cost[Math.max(k, second)][Math.min(k, second)] = joined;
            }
        }
        parts.set(second, join(parts.get(first), parts.get(second)));
    }

    private static double at(double[][] cost, int a, int b) {
        return cost[Math.max(a, b)][Math.min(a, b)];
    }

    private static double squares(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            double delta = a[j] - b[j];
            sum += delta * delta;
        }
        return sum;
    }
}
