package io.cema.bench.fleet;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** When each device got something for the first time. Any thread may write. */
final class Arrivals {
    private final long beganMillis;
    private final AtomicLongArray millis;
    private final AtomicInteger count = new AtomicInteger();

    /** @param beganMillis since 1970, by the clock of this machine, which all parts share */
    Arrivals(long beganMillis, int devices) {
        this.beganMillis = beganMillis;
        this.millis = new AtomicLongArray(devices);
    }

    /** @param atMillis since 1970 */
    void arrived(int device, long atMillis) {
        if (millis.compareAndSet(device, 0, Math.max(1, atMillis - beganMillis))) {
            count.incrementAndGet();
        }
    }

    int count() {
        return count.get();
    }

    /** Of those that have it: milliseconds until half of them, 99 of 100 and all had it. */
    Map<String, Object> summary() {
        long[] sorted = new long[millis.length()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = millis.get(i);
        }
        sorted = Arrays.stream(sorted).filter(at -> at > 0).sorted().toArray();
        Map<String, Object> summary = new TreeMap<>();
        summary.put("devices", sorted.length);
        if (sorted.length > 0) {
            summary.put("firstMillis", sorted[0]);
            summary.put("p50Millis", sorted[(sorted.length - 1) / 2]);
            summary.put("p99Millis", sorted[(int) Math.ceil(sorted.length * .99) - 1]);
            summary.put("lastMillis", sorted[sorted.length - 1]);
        }
        return summary;
    }
}
