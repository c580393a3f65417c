package io.cema.protocol.image;

/**
 * How much more than usual it takes to believe that a domain has changed. Weather and light last; what is over before was a
 * change of contents. So each domain that was short-lived raises the factor, and time without a change lowers it. One thread.
 */
public final class ChangeCaution {
    private static final double STEP = 1.5;
    private static final double MOST = 4;

    private final long shortLived;
    private long age;
    private double factor;

    /** @param shortLived images that a domain has at least */
    public ChangeCaution(long shortLived) {
        this(shortLived, 0, 1);
    }

    /** As it was when {@link #age} and {@link #factor} were this. */
    public ChangeCaution(long shortLived, long age, double factor) {
        this.shortLived = shortLived;
        this.age = age;
        this.factor = factor;
    }

    /** So many more images of the present domain. */
    public void lasted(long images) {
        boolean quiet = (age + images) / shortLived > age / shortLived;
        age += images;
        if (quiet) {
            factor = Math.max(1, factor / STEP);
        }
    }

    /** @param images seen of the domain that has begun */
    public void changed(long images) {
        if (age < shortLived) {
            factor = Math.min(MOST, factor * STEP);
        }
        age = images;
    }

    /** Images of the present domain. */
    public long age() {
        return age;
    }

    /** On the distance or evidence of a change, 1 to 4. */
    public double factor() {
        return factor;
    }
}
