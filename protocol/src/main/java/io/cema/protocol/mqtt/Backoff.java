package io.cema.protocol.mqtt;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with jitter: doubles from {@code least} to {@code greatest}, each delay drawn from the upper half
 * of its step, so that a fleet that lost its broker or its cloud together does not come back together. Confined to one
 * thread.
 */
public final class Backoff {
    private static final int MAX_DOUBLINGS = 30;

    private final Duration least;
    private final Duration greatest;
    private final RandomGenerator random;
    private int failures;

    public Backoff(Duration least, Duration greatest, RandomGenerator random) {
        this.least = least;
        this.greatest = greatest;
        this.random = random;
    }

    /** How long to wait after one more failure. */
    public Duration next() {
        long step = Math.min(greatest.toMillis(), least.toMillis() << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
    }

    int failures() {
        return failures;
    }

    public void reset() {
        failures = 0;
    }
}
