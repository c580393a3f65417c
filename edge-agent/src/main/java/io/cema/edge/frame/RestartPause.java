package io.cema.edge.frame;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a camera is opened again: doubled with every try, and begun anew after a run that gave frames
 * for longer than the last pause.
 *
 * @param least the first pause
 * @param greatest what pauses grow to
 */
record RestartPause(Duration least, Duration greatest) {
    static final RestartPause USUAL = new RestartPause(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /**
     * @param last the pause before the run that ended, zero before the first
     * @param gaveFrames whether that run did
     * @param ran how long it lasted
     */
    Duration after(Duration last, boolean gaveFrames, Duration ran) {
        if (last.isZero() || gaveFrames && ran.compareTo(last) > 0) {
            return least;
        }
        Duration doubled = last.multipliedBy(2);
        return doubled.compareTo(greatest) > 0 ? greatest : doubled;
    }

    /** Drawn from the upper half, so that cameras that ended together do not begin together. */
    static long jitteredNanos(Duration pause, RandomGenerator random) {
        long half = pause.toNanos() / 2;
        return half + random.nextLong(half + 1);
    }
}
