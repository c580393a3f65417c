package io.cema.edge.frame;

import java.util.concurrent.locks.LockSupport;

/** Keeps a rate of frames; a late frame does not make the following ones hurry to catch up. One thread. */
public final class Pacer {
    private final long intervalNanos;
    private long due;

    /** @param framesPerSecond 0 for as fast as possible */
    public Pacer(double framesPerSecond) {
        if (!(framesPerSecond >= 0) || Double.isInfinite(framesPerSecond)) {
            throw new IllegalArgumentException("frame rate must be at least 0 per second, is " + framesPerSecond);
        }
        this.intervalNanos = framesPerSecond == 0 ? 0 : (long) (1e9 / framesPerSecond);
        this.due = System.nanoTime();
    }

    /** Waits until the next frame is due; returns at once when interrupted. */
    public void await() {
        if (intervalNanos == 0) {
            return;
        }
        long now = System.nanoTime();
        while (now - due < 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(due - now);
            now = System.nanoTime();
        }
        due = Math.max(due + intervalNanos, now - intervalNanos);
    }
}
