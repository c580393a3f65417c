package io.cema.cloud.adaptation;

import java.util.List;

/**
 * Uploads no step has taken yet.
 *
 * @param newest the newest of them, oldest first
 * @param waiting how many there are in all
 * @param oldestWaitMillis how long the oldest has been durable
 */
public record Backlog(List<StoredSample> newest, long waiting, long oldestWaitMillis) {}
