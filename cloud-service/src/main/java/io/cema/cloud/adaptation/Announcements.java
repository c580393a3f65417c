package io.cema.cloud.adaptation;

import java.time.Duration;
import java.util.List;

/**
 * Whether the live version must be announced once more: most of the uploads that came since it was announced were predicted
 * under another one, so it did not arrive, whatever the broker said. Each announcement goes to every device of the cohort, so
 * each wants evidence of its own: uploads that merely wait to be learnt from are none. Soon at first, then ever more seldom:
 * devices that refuse it would else be asked for ever. One thread.
 */
final class Announcements {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration SELDOM = Duration.ofHours(1);
    private static final int TIMES_SOON = 16;

    private boolean missed;
    /** What waited when it was published was predicted before it came. */
    private boolean waitingOnes = true;
    /** Ordinal of the newest upload looked at. */
    private long looked = -1;

    private Duration wait = SOON;
    private int repeated;
    private long lastNanos;

    void published(long nanoTime) {
        missed = false;
        waitingOnes = true;
        wait = SOON;
        repeated = 0;
        lastNanos = nanoTime;
    }

    /** @param waiting uploads not learnt from yet; those of the last call may still be among them */
    void saw(List<StoredSample> waiting, String live) {
        List<StoredSample> came =
                waiting.stream().filter(s -> s.ordinal() > looked).toList();
        looked = Math.max(
                looked, came.stream().mapToLong(StoredSample::ordinal).max().orElse(looked));
        if (waitingOnes) {
            waitingOnes = false;
        } else if (!came.isEmpty()) {
            long others = came.stream().filter(s -> !s.version().equals(live)).count();
            missed = 2 * others > came.size();
        }
    }

    /** @return true: to be announced now; the next time will be later */
    boolean due(long nanoTime) {
        if (!missed || nanoTime - lastNanos < wait.toNanos()) {
            return false;
        }
        lastNanos = nanoTime;
        missed = false;
        repeated++;
        if (repeated >= TIMES_SOON) {
            wait = wait.multipliedBy(2).compareTo(SELDOM) < 0 ? wait.multipliedBy(2) : SELDOM;
        }
        return true;
    }
}
