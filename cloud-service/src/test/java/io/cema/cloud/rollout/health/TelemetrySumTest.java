package io.cema.cloud.rollout.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which counters of a device's telemetry a cohort's trial goes by. */
class TelemetrySumTest {
    private static final String COHORT = "plates";

    private final TelemetrySum sum = new TelemetrySum(COHORT);

    @Test
    void ofSeveralSlots_theCohortsAloneCounts() {
        sum.add(
                device("s1", 100, slot(COHORT, 10), slot("people", 90)),
                device("s1", 1_100, slot(COHORT, 30), slot("people", 1_070)));

        assertThat(total(sum.sum().entropy())).isEqualTo(20);
        assertThat(total(sum.sum().latency())).isEqualTo(20);
        assertThat(total(sum.sum().latencyBefore())).isEqualTo(10);
    }

    @Test
    void agentThatTellsNoSlots_countsAsAWhole() {
        sum.add(device("s1", 100), device("s1", 150));

        assertThat(total(sum.sum().entropy())).isEqualTo(50);
    }

    @Test
    void agentThatCountsByModelAlone_countsAsAWhole() {
        JsonObject byModel =
                new JsonObject().put("cohort", COHORT).put("entropy", counts(7)).put("latencyMillis", counts(7));

        sum.add(device("s1", 100, byModel), device("s1", 150, byModel));

        assertThat(total(sum.sum().entropy())).isEqualTo(50);
    }

    @Test
    void deviceWithoutASlotOfTheCohort_saysNothingOfIt() {
        sum.add(device("s1", 100, slot(COHORT, 10)), device("s1", 1_100, slot("people", 1_000)));

        assertThat(sum.sum().entropy()).isEmpty();
        assertThat(sum.sum().latency()).isEmpty();
    }

    @Test
    void restartedAgent_countsFromItsStart() {
        sum.add(device("s1", 100, slot(COHORT, 50)), device("s2", 40, slot(COHORT, 5), slot("people", 35)));

        assertThat(total(sum.sum().entropy())).isEqualTo(5);
    }

    private static JsonObject device(String start, long frames, JsonObject... slots) {
        JsonObject telemetry = new JsonObject()
                .put("startId", start)
                .put("entropy", counts(frames))
                .put("latencyMillis", counts(frames));
        return slots.length == 0 ? telemetry : telemetry.put("slots", new JsonArray(Arrays.asList(slots)));
    }

    /** Its model is a new one, which has counted nothing yet. */
    private static JsonObject slot(String cohort, long frames) {
        return new JsonObject()
                .put("cohort", cohort)
                .put("entropy", counts(0))
                .put("latencyMillis", counts(0))
                .put("cohortEntropy", counts(frames))
                .put("cohortLatencyMillis", counts(frames));
    }

    private static JsonObject counts(long frames) {
        return new JsonObject()
                .put("bounds", new JsonArray(List.of(0.5, 1.0)))
                .put("counts", new JsonArray(List.of(frames, 0L, 0L)));
    }

    private static long total(Optional<BucketCounts> counts) {
        return counts.orElseThrow().total();
    }
}
