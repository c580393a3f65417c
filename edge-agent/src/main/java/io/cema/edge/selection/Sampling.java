package io.cema.edge.selection;

/**
 * How many frames go up as a domain grows old: all at its beginning, when everything is new, then fewer and fewer.
 *
 * @param statisticsBurst unfiltered frames at the beginning of a domain; as many again each time its age doubles, five
 *     times; several times that while the model in use has several experts; 0: none
 * @param informativeBurst the same for frames that passed the filters; 0: all of them, as published
 * @param slowestInterval an unfiltered frame at least every this many frames, at least 1
 * @param window frames in which a change of domain shows, at least 8
 * @param shiftDistance distance of looks (see FeatureSummary) from which the domain counts as changed; infinite: never
 */
public record Sampling(
        int statisticsBurst, int informativeBurst, int slowestInterval, int window, double shiftDistance) {
    public Sampling {
        require(statisticsBurst >= 0, "statistics-burst", statisticsBurst, "at least 0");
        require(informativeBurst >= 0, "informative-burst", informativeBurst, "at least 0");
        require(slowestInterval >= 1, "slowest-interval", slowestInterval, "at least 1");
        require(window >= 8, "shift-window", window, "at least 8");
        require(shiftDistance > 0, "shift-distance", shiftDistance, "above 0");
    }

    /** As published: everything that passes the filters, and no watch for shifts. */
    public static Sampling published() {
        return new Sampling(0, 0, Integer.MAX_VALUE, 32, Double.POSITIVE_INFINITY);
    }

    /** What the product does by default. */
    public static Sampling defaults() {
        return new Sampling(16, 3, 64, 32, 0.4);
    }

    private static void require(boolean holds, String name, Number value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("selection " + name + " is " + value + ", must be " + range);
        }
    }
}
