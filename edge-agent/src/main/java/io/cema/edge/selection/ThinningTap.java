package io.cema.edge.selection;

/**
 * Lets the first frames of a domain through and then ever fewer: of {@code age} frames about
 * burst * (1 + log2(age / burst)), so as many come from each doubling of the domain's age; several times as many of a
 * mixture of domains, of which each needs its own. One thread.
 */
final class ThinningTap {
    private final int burst;
    private final int slowestInterval;
    private long age;
    private long taken;
    private long last;

    /** @param burst frames let through at the beginning; 0: none ever */
    ThinningTap(int burst, int slowestInterval) {
        this.burst = burst;
        this.slowestInterval = slowestInterval;
    }

    /** One more frame of the domain. */
    void tick() {
        age++;
    }

    /**
     * Whether the present frame may pass; count it with {@link #take} if it does.
     *
     * @param domains that come mixed
     */
    boolean open(int domains) {
        return burst > 0 && (taken < domains * quota() || age - last >= slowestInterval);
    }

    void take() {
        taken++;
        last = age;
    }

    /** A domain begins. */
    void restart() {
        age = 0;
        taken = 0;
        last = 0;
    }

    private double quota() {
        return age <= burst ? age : burst * (1 + Math.log((double) age / burst) / Math.log(2));
    }
}
