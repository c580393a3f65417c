package io.cema.cloud.rollout.health;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * What a device's telemetry counts of one cohort: its slot there, or all that the device does where its agent does not tell
 * them apart.
 *
 * @param start the agent's start, from which it is counted
 */
record CohortCounts(String start, Optional<BucketCounts> entropy, Optional<BucketCounts> latency) {
    /**
     * @param telemetry in the form of {@code device.telemetry}
     * @return nothing counted if the device has slots, and none of the cohort: what the others do says nothing of it
     */
    static CohortCounts of(JsonObject telemetry, String cohort) {
        String start = telemetry.getString("startId", "");
        Optional<JsonArray> slots = Optional.ofNullable(telemetry.getJsonArray("slots"));
        if (slots.isEmpty()) {
            return ofDevice(start, telemetry);
        }
        return slots.get().stream()
                .map(JsonObject.class::cast)
                .filter(slot -> cohort.equals(slot.getString("cohort")))
                .findFirst()
                .map(slot -> ofSlot(start, slot, telemetry))
                .orElseGet(() -> new CohortCounts(start, Optional.empty(), Optional.empty()));
    }

    private static CohortCounts ofDevice(String start, JsonObject telemetry) {
        return new CohortCounts(
                start,
                BucketCounts.of(telemetry.getJsonObject("entropy")),
                BucketCounts.of(telemetry.getJsonObject("latencyMillis")));
    }

    /** Agents that count by model alone cannot tell what was before a change of model: theirs are the device's. */
    private static CohortCounts ofSlot(String start, JsonObject slot, JsonObject telemetry) {
        return slot.containsKey("cohortEntropy")
                ? new CohortCounts(
                        start,
                        BucketCounts.of(slot.getJsonObject("cohortEntropy")),
                        BucketCounts.of(slot.getJsonObject("cohortLatencyMillis")))
                : ofDevice(start, telemetry);
    }
}
