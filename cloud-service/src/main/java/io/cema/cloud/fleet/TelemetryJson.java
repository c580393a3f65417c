package io.cema.cloud.fleet;

import static io.cema.cloud.fleet.DeviceReports.printable;

import io.cema.protocol.message.Disk;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.Power;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.EnvelopeOpener;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** Telemetry as it stands in the database and in the REST resource. What an agent does not know or tell is left out. */
final class TelemetryJson {
    /**
     * SQL: the new telemetry, with {@code joulesPerInference} since the message before if both are of one agent start and
     * both know their energy: the quotient of the differences of two cumulative numbers. It holds all that the module or
     * card used between the two, idle power included.
     */
    static final String WITH_ENERGY_PER_INFERENCE = "excluded.telemetry || case"
            + " when d.telemetry->>'startId' = excluded.telemetry->>'startId'"
            + " and (excluded.telemetry->>'inferences')::bigint > (d.telemetry->>'inferences')::bigint"
            + " and excluded.telemetry#>>'{power,joules}' is not null and d.telemetry#>>'{power,joules}' is not null"
            + " then jsonb_build_object('joulesPerInference',"
            + " ((excluded.telemetry#>>'{power,joules}')::float8 - (d.telemetry#>>'{power,joules}')::float8)"
            + " / ((excluded.telemetry->>'inferences')::bigint - (d.telemetry->>'inferences')::bigint))"
            + " else '{}'::jsonb end";

    private TelemetryJson() {}

    /**
     * @param now milliseconds since 1970 by the service's clock, as it came
     * @throws IllegalArgumentException if it carries a number that is not finite
     */
    static JsonObject of(EnvelopeOpener.Dated<Telemetry> sent, long now) {
        Telemetry telemetry = sent.message();
        JsonObject json = new JsonObject()
                .put("startId", printable(telemetry.getStartId()))
                .put("uptimeMillis", telemetry.getUptimeMs())
                .put("frames", telemetry.getFrames())
                .put("uploadedImages", telemetry.getUploadedImages())
                .put("uploadedBytes", telemetry.getUploadedBytes())
                .put("downloadedBytes", telemetry.getDownloadedBytes())
                .put("acknowledgedImages", telemetry.getAcknowledgedImages())
                .put("skipped", json(telemetry.getSkippedMap()))
                .put("spoolImages", telemetry.getSpoolImages())
                .put("spoolBytes", telemetry.getSpoolBytes())
                .put("droppedImages", telemetry.getDroppedImages())
                .put("updatesApplied", telemetry.getUpdatesApplied())
                .put("updatesRefused", telemetry.getUpdatesRefused())
                .put("meanEntropy", finite(telemetry.getMeanEntropy()))
                .put("entropy", json(telemetry.getEntropy()))
                .put("latencyMillis", json(telemetry.getLatencyMs()))
                .put("classes", new JsonArray(telemetry.getClassesList()));
        if (sent.createdMillis() != 0) {
            json.put("clockAheadMillis", sent.createdMillis() - now);
        }
        if (!telemetry.getUplinkHold().isEmpty()) {
            json.put("uplinkHold", printable(telemetry.getUplinkHold()))
                    .put("uploadedLastHour", telemetry.getUploadedLastHour())
                    .put("uploadedLastDay", telemetry.getUploadedLastDay());
        }
        if (telemetry.getSlotsCount() > 0) {
            JsonArray slots = new JsonArray();
            telemetry.getSlotsList().forEach(slot -> slots.add(json(slot)));
            json.put("slots", slots);
        }
        if (telemetry.hasInferences()) {
            json.put("inferences", telemetry.getInferences());
        }
        if (telemetry.hasDisk()) {
            json.put("disk", json(telemetry.getDisk()));
        }
        return telemetry.hasPower() ? json.put("power", json(telemetry.getPower())) : json;
    }

    private static JsonObject json(Disk disk) {
        return new JsonObject()
                .put("problem", printable(disk.getProblem()))
                .put("freeBytes", disk.getFreeBytes())
                .put("failedWrites", disk.getFailedWrites())
                .put("damagedFiles", disk.getDamagedFiles());
    }

    private static JsonObject json(SlotTelemetry slot) {
        JsonObject json = new JsonObject()
                .put("modelDigest", printable(slot.getModelDigest()))
                .put("cohort", printable(slot.getCohort()))
                .put("frames", slot.getFrames())
                .put("skipped", json(slot.getSkippedMap()))
                .put("updatesApplied", slot.getUpdatesApplied())
                .put("updatesRefused", slot.getUpdatesRefused())
                .put("meanEntropy", finite(slot.getMeanEntropy()))
                .put("entropy", json(slot.getEntropy()))
                .put("latencyMillis", json(slot.getLatencyMs()))
                .put("classes", new JsonArray(slot.getClassesList()));
        if (slot.hasCohortEntropy() && slot.hasCohortLatencyMs()) {
            json.put("cohortEntropy", json(slot.getCohortEntropy()))
                    .put("cohortLatencyMillis", json(slot.getCohortLatencyMs()));
        }
        return json;
    }

    private static JsonObject json(Map<String, Long> counts) {
        JsonObject json = new JsonObject();
        counts.forEach((reason, count) -> json.put(printable(reason), count));
        return json;
    }

    private static JsonObject json(Power power) {
        JsonObject json = new JsonObject()
                .put("sensor", printable(power.getSensor()))
                .put("problem", printable(power.getProblem()));
        if (power.getEnergySource() != Power.EnergySource.ENERGY_SOURCE_UNSPECIFIED) {
            json.put("energySource", power.getEnergySource().name());
        }
        if (power.hasWatts()) {
            json.put("watts", finite(power.getWatts()));
        }
        if (power.hasJoules()) {
            json.put("joules", finite(power.getJoules()));
        }
        if (power.hasCelsius()) {
            json.put("celsius", finite(power.getCelsius())).put("hottestZone", printable(power.getHottestZone()));
        }
        return json;
    }

    private static JsonObject json(Histogram histogram) {
        JsonArray bounds = new JsonArray();
        histogram.getBoundsList().forEach(bound -> bounds.add(finite(bound)));
        return new JsonObject().put("bounds", bounds).put("counts", new JsonArray(histogram.getCountsList()));
    }

    /** JSON has no NaN and no infinity. */
    private static double finite(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("telemetry carries " + value + ", which is not a finite number");
        }
        return value;
    }
}
