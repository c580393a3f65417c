package io.cema.cloud.adaptation;

import java.time.Duration;
import java.util.List;

/**
 * Whether the live version must be announced once more: most of the newest uploads were predicted under another one, so
 * it did not arrive, whatever the broker said. Soon at first, then ever more seldom: devices that refuse it would else be
 * asked for ever. One thread.
 */
final class Announcements {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration SELDOM = Duration.ofHours(1);
    private static final int TIMES_SOON = 16;

    private boolean missed;
    private Duration wait = SOON;
    private int repeated;
    private long lastNanos;

    void published(long nanoTime) {
        missed = false;
        wait = SOON;
        repeated = 0;
        lastNanos = nanoTime;
    }

    /** @param newest uploads that came since the last call, if any */
    void saw(List<StoredSample> newest, String live) {
        if (!newest.isEmpty()) {
            long others = newest.stream().filter(s -> !s.version().equals(live)).count();
            missed = 2 * others > newest.size();
        }
    }

    /** @return true: to be announced now; the next time will be later */
    boolean due(long nanoTime) {
        if (!missed || nanoTime - lastNanos < wait.toNanos()) {
            return false;
        }
        lastNanos = nanoTime;
        repeated++;
        if (repeated >= TIMES_SOON) {
            wait = wait.multipliedBy(2).compareTo(SELDOM) < 0 ? wait.multipliedBy(2) : SELDOM;
        }
        return true;
    }
}
