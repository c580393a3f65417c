package io.cema.edge;

import java.util.concurrent.atomic.AtomicLong;

/** So many images a second on average, and those of a second at once after a quiet one. Thread-safe, without locks. */
final class LearningPace {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final long intervalNanos;
    /** From when on the next image is within the pace. */
    private final AtomicLong due;

    /**
     * @param perSecond images, above 0
     * @param nanoTime now
     */
    LearningPace(double perSecond, long nanoTime) {
        this.intervalNanos = Math.max(1, Math.round(SECOND_NANOS / perSecond));
        this.due = new AtomicLong(nanoTime - SECOND_NANOS);
    }

    /**
     * Takes the images of one request, all or none. Of two calls at the very same moment one may be turned away.
     *
     * @param nanoTime now, as {@link System#nanoTime}
     */
    boolean take(int images, long nanoTime) {
        long from = due.get();
        if (nanoTime - from < 0) {
            return false;
        }
        long earliest = nanoTime - SECOND_NANOS;
        long base = from - earliest > 0 ? from : earliest;
        return due.compareAndSet(from, base + images * intervalNanos);
    }
}
