package io.cema.cloud.truth;

/**
 * Where a share lies of which only a sample is known, with 95 % confidence: Wilson's score interval (1927), which holds for
 * few cases and for shares near 0 and 1 too.
 *
 * @param low at least 0
 * @param high at most 1
 */
record WilsonInterval(double low, double high) {
    /** The normal distribution has 95 % within so many standard deviations. */
    private static final double Z = 1.959964;

    /** @param cases at least 1 */
    static WilsonInterval of(long hits, long cases) {
        if (cases < 1 || hits < 0 || hits > cases) {
            throw new IllegalArgumentException(hits + " hits of " + cases + " cases have no confidence interval");
        }
        double share = (double) hits / cases;
        double square = Z * Z / cases;
        double center = share + square / 2;
        double half = Z * Math.sqrt(share * (1 - share) / cases + square / (4 * cases));
        return new WilsonInterval(
                Math.max(0, (center - half) / (1 + square)), Math.min(1, (center + half) / (1 + square)));
    }
}
