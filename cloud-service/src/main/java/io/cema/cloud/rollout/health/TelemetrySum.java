package io.cema.cloud.rollout.health;

import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.Optional;

/** Adds up what a group's histograms counted since each device's baseline. One thread. */
final class TelemetrySum {
    private Optional<BucketCounts> entropy = Optional.empty();
    private Optional<BucketCounts> latency = Optional.empty();
    private Optional<BucketCounts> latencyBefore = Optional.empty();

    /** @param before the device's baseline, in the form of {@code device.telemetry} */
    void add(JsonObject before, JsonObject after) {
        entropy = plus(entropy, since(before, after, "entropy"));
        latency = plus(latency, since(before, after, "latencyMillis"));
        latencyBefore = plus(latencyBefore, BucketCounts.of(before.getJsonObject("latencyMillis")));
    }

    HealthEvidence.Telemetry sum() {
        return new HealthEvidence.Telemetry(entropy, latency, latencyBefore);
    }

    /** Counters are since the agent's start: after a restart all of them are new. */
    private static Optional<BucketCounts> since(JsonObject before, JsonObject after, String histogram) {
        Optional<BucketCounts> now = BucketCounts.of(after.getJsonObject(histogram));
        if (!Objects.equals(before.getString("startId"), after.getString("startId"))) {
            return now;
        }
        return now.flatMap(n -> BucketCounts.of(before.getJsonObject(histogram)).flatMap(n::since));
    }

    /** Agents with other buckets cannot be added to those that came first, and are left out. */
    private static Optional<BucketCounts> plus(Optional<BucketCounts> sum, Optional<BucketCounts> more) {
        if (sum.isEmpty() || more.isEmpty()) {
            return sum.or(() -> more);
        }
        return Optional.of(sum.get().fits(more.get()) ? sum.get().plus(more.get()) : sum.get());
    }
}
