package io.cema.cloud.adaptation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which devices a loop got uploads of lately, counted over a time in which a flood by one cannot make the others look
 * silent. One thread.
 */
final class ActiveDevices {
    private final Map<String, Long> lastSeen = new HashMap<>();

    void saw(List<StoredSample> uploads, long nanoTime) {
        uploads.forEach(upload -> lastSeen.put(upload.device(), nanoTime));
    }

    /** @param memoryNanos how long a silent device still counts */
    int count(long nanoTime, long memoryNanos) {
        lastSeen.values().removeIf(seen -> nanoTime - seen > memoryNanos);
        return lastSeen.size();
    }

    void clear() {
        lastSeen.clear();
    }
}
