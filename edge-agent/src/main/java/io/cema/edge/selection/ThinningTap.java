package io.cema.edge.selection;

import java.util.Arrays;

/**
 * Lets the first frames of a domain through and then ever fewer: of {@code age} frames about
 * burst * (1 + log2(age / burst)), so as many come from each doubling of the domain's age, up to five times; then no more
 * than one in each slowest interval. Of a mixture of domains each needs its own: several times as many, and without an
 * end to the doublings, since the rarest of them comes late. A class that comes late, on a camera that shows one thing for
 * long, still has most of its share. One thread.
 */
final class ThinningTap {
    /** Of the age of a domain: what this many have not shown further ones do not either. */
    private static final double DOUBLINGS = 5;

    /** Of its even share in all that one domain lets through, what each class may have even late. */
    private static final double LATE_SHARE = 0.75;

    private final int burst;
    private final int slowestInterval;
    private final int late;
    /** Taken of each class. */
    private final int[] ofClass;

    private long age;
    private long taken;
    private long last;

    /** @param burst frames let through at the beginning; 0: none ever */
    ThinningTap(int burst, int slowestInterval, int classes) {
        this.burst = burst;
        this.slowestInterval = slowestInterval;
        this.late = (int) (LATE_SHARE * burst * (1 + DOUBLINGS) / classes);
        this.ofClass = new int[classes];
    }

    /** One more frame of the domain. */
    void tick() {
        age++;
    }

    /**
     * Whether the present frame may pass; count it with {@link #take} if it does.
     *
     * @param predicted class
     * @param domains that come mixed
     */
    boolean open(int predicted, int domains) {
        return burst > 0
                && (taken < domains * quota(domains) || age - last >= slowestInterval || ofClass[predicted] < late);
    }

    void take(int predicted) {
        taken++;
        ofClass[predicted]++;
        last = age;
    }

    /** A domain begins. */
    void restart() {
        age = 0;
        taken = 0;
        last = 0;
        Arrays.fill(ofClass, 0);
    }

    private double quota(int domains) {
        if (age <= burst) {
            return age;
        }
        double doublings = Math.log((double) age / burst) / Math.log(2);
        return burst * (1 + (domains > 1 ? doublings : Math.min(DOUBLINGS, doublings)));
    }
}
