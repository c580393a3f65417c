package io.cema.cloud.adaptation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Update bytes of the last hour. One owner thread. */
final class DownlinkBudget {
    private static final long WINDOW_NANOS = Duration.ofHours(1).toNanos();

    private final Deque<long[]> spent = new ArrayDeque<>();

    /** @param bytesPerHour 0 = unlimited */
    boolean allows(long bytesPerHour) {
        long now = System.nanoTime();
        while (!spent.isEmpty() && now - spent.peekFirst()[0] > WINDOW_NANOS) {
            spent.removeFirst();
        }
        return bytesPerHour == 0 || spent.stream().mapToLong(s -> s[1]).sum() < bytesPerHour;
    }

    void spent(int bytes) {
        spent.addLast(new long[] {System.nanoTime(), bytes});
    }
}
