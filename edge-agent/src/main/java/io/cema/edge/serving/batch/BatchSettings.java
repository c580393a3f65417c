package io.cema.edge.serving.batch;

import java.time.Duration;

/**
 * How requests share the engine.
 *
 * @param concurrency runs of the engine at once, at least 1
 * @param maxImages images in one run made of several requests, at least 1; 1 joins nothing. A request that brings more
 *     by itself is run by itself
 * @param maxDelay how long a request may wait for others while an engine is free; zero: not at all, only requests that
 *     wait for an engine anyway are joined
 * @param maxWaiting requests that may wait, at least 1
 * @param inPlace longest run that the thread which brings a request may be kept for; zero: none
 */
public record BatchSettings(int concurrency, int maxImages, Duration maxDelay, int maxWaiting, Duration inPlace) {
    public BatchSettings {
        require(concurrency >= 1, "concurrency", concurrency, "at least 1");
        require(maxImages >= 1, "batch-size", maxImages, "at least 1");
        require(!maxDelay.isNegative() && maxDelay.toSeconds() < 10, "batch-delay", maxDelay, "0 to 10 s");
        require(maxWaiting >= 1, "queue-size", maxWaiting, "at least 1");
        require(!inPlace.isNegative() && inPlace.toSeconds() < 2, "in-place", inPlace, "0 to 2 s");
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("cema.serving." + name + " is " + value + ", must be " + range);
        }
    }
}
