package io.cema.cloud.rollout.health;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Optional;

/**
 * A histogram: how many values fell into each bucket. The arrays are owned by the record.
 *
 * @param bounds upper bounds, rising; the last bucket is open
 * @param counts one more than bounds
 */
record BucketCounts(double[] bounds, long[] counts) {
    BucketCounts {
        if (bounds.length == 0 || counts.length != bounds.length + 1) {
            throw new IllegalArgumentException("a histogram of " + bounds.length + " bounds, at least 1, needs "
                    + (bounds.length + 1) + " counts, has " + counts.length);
        }
    }

    /** As telemetry stands in the database; empty if it is none. */
    static Optional<BucketCounts> of(JsonObject json) {
        if (json == null
                || !(json.getValue("bounds") instanceof JsonArray bounds)
                || !(json.getValue("counts") instanceof JsonArray counts)
                || bounds.isEmpty()
                || counts.size() != bounds.size() + 1) {
            return Optional.empty();
        }
        return Optional.of(new BucketCounts(
                bounds.stream().mapToDouble(b -> ((Number) b).doubleValue()).toArray(),
                counts.stream().mapToLong(c -> ((Number) c).longValue()).toArray()));
    }

    boolean fits(BucketCounts other) {
        return Arrays.equals(bounds, other.bounds);
    }

    BucketCounts plus(BucketCounts other) {
        return with(other, 1);
    }

    /** What came since; empty if the counters did not only rise. */
    Optional<BucketCounts> since(BucketCounts before) {
        if (!fits(before)) {
            return Optional.empty();
        }
        BucketCounts risen = with(before, -1);
        return Arrays.stream(risen.counts).anyMatch(c -> c < 0) ? Optional.empty() : Optional.of(risen);
    }

    private BucketCounts with(BucketCounts other, int sign) {
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += sign * other.counts[i];
        }
        return new BucketCounts(bounds, sum);
    }

    long total() {
        return Arrays.stream(counts).sum();
    }

    /** The largest share by which more of these values than of the other's lie above some bound, 0 to 1. */
    double excess(BucketCounts other) {
        double worst = 0;
        double above = 1;
        double othersAbove = 1;
        for (int i = 0; i < bounds.length; i++) {
            above -= (double) counts[i] / total();
            othersAbove -= (double) other.counts[i] / other.total();
            worst = Math.max(worst, above - othersAbove);
        }
        return worst;
    }

    /** Mean of the values, each taken for the middle of its bucket; in the open one for the last bound. */
    double mean() {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double low = i == 0 ? 0 : bounds[i - 1];
            sum += counts[i] * (i == bounds.length ? low : (low + bounds[i]) / 2);
        }
        return sum / total();
    }
}
