package io.cema.cloud.rollout.health;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Function;

/** Adds up what a group's histograms counted of a cohort since each device's baseline. One thread. */
final class TelemetrySum {
    private final String cohort;
    private Optional<BucketCounts> entropy = Optional.empty();
    private Optional<BucketCounts> latency = Optional.empty();
    private Optional<BucketCounts> latencyBefore = Optional.empty();

    TelemetrySum(String cohort) {
        this.cohort = cohort;
    }

    /** @param before the device's baseline, in the form of {@code device.telemetry} */
    void add(JsonObject before, JsonObject after) {
        CohortCounts baseline = CohortCounts.of(before, cohort);
        CohortCounts now = CohortCounts.of(after, cohort);
        entropy = plus(entropy, since(baseline, now, CohortCounts::entropy));
        latency = plus(latency, since(baseline, now, CohortCounts::latency));
        latencyBefore = plus(latencyBefore, baseline.latency());
    }

    HealthEvidence.Telemetry sum() {
        return new HealthEvidence.Telemetry(entropy, latency, latencyBefore);
    }

    /** Counters are since the agent's start: after a restart all of them are new. */
    private static Optional<BucketCounts> since(
            CohortCounts baseline, CohortCounts now, Function<CohortCounts, Optional<BucketCounts>> histogram) {
        Optional<BucketCounts> counted = histogram.apply(now);
        if (!baseline.start().equals(now.start())) {
            return counted;
        }
        return counted.flatMap(n -> histogram.apply(baseline).flatMap(n::since));
    }

    /** Agents with other buckets cannot be added to those that came first, and are left out. */
    private static Optional<BucketCounts> plus(Optional<BucketCounts> sum, Optional<BucketCounts> more) {
        if (sum.isEmpty() || more.isEmpty()) {
            return sum.or(() -> more);
        }
        return Optional.of(sum.get().fits(more.get()) ? sum.get().plus(more.get()) : sum.get());
    }
}
