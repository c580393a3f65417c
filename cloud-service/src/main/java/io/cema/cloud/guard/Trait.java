package io.cema.cloud.guard;

/** What of an upload is averaged, in the order of the table {@code sample}'s statistics, and what difference is small. */
enum Trait {
    RED(12),
    GREEN(12),
    BLUE(12),
    RED_CONTRAST(8),
    GREEN_CONTRAST(8),
    BLUE_CONTRAST(8),
    /** Of the edge model's prediction, nats. */
    ENTROPY(0.2);

    /** The total variation distance of class shares that counts as one unit. */
    static final double CLASS_UNIT = 0.2;

    private final double unit;

    Trait(double unit) {
        this.unit = unit;
    }

    /**
     * A difference of the means of two cameras that is nothing special: grey levels, or nats for the entropy. Differences
     * are counted in it.
     */
    double unit() {
        return unit;
    }
}
