package io.cema.cloud.fleet;

import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Telemetry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Writes what devices tell of themselves. Idempotent: ordered by (generation, connection) and, within a connection, by
 * the device's sequence number; what is older than what stands there changes nothing. A device that was never heard of
 * gets a row without a cohort, so that an operator sees it and can put it into one.
 */
@ApplicationScoped
class DeviceReports {
    private final TenantDatabase database;
    private final String tenant;

    DeviceReports(TenantDatabase database, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.tenant = tenant;
    }

    /** Within one connection OFFLINE is the last word: it is either the farewell or the will. */
    Uni<Void> presence(String device, Presence presence) {
        if (presence.getState() != Presence.State.ONLINE && presence.getState() != Presence.State.OFFLINE) {
            throw new IllegalArgumentException("presence state " + presence.getStateValue() + " is unknown");
        }
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into device as d (tenant, id, online, generation, connection, seen_at)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, now())"
                        + " on conflict (tenant, id) do update set online = excluded.online,"
                        + " generation = excluded.generation, connection = excluded.connection, seen_at = now()"
                        + " where (d.generation, d.connection) < (excluded.generation, excluded.connection)"
                        + " or ((d.generation, d.connection) = (excluded.generation, excluded.connection)"
                        + " and (excluded.online = 'OFFLINE' or d.online = 'UNKNOWN'))")
                .execute(Tuple.of(
                        device, presence.getState().name(), presence.getGeneration(), presence.getConnection()))
                .replaceWithVoid());
    }

    Uni<Void> reported(String device, ReportedState state) {
        return upsert(
                device,
                "reported",
                "excluded.reported",
                json(state),
                state.getGeneration(),
                state.getConnection(),
                state.getSequence());
    }

    Uni<Void> telemetry(String device, Telemetry telemetry) {
        return upsert(
                device,
                "telemetry",
                TelemetryJson.WITH_ENERGY_PER_INFERENCE,
                TelemetryJson.of(telemetry),
                telemetry.getGeneration(),
                telemetry.getConnection(),
                telemetry.getSequence());
    }

    Uni<Void> event(String device, DeviceEvent event) {
        if (event.getType() == DeviceEvent.Type.TYPE_UNSPECIFIED || event.getType() == DeviceEvent.Type.UNRECOGNIZED) {
            throw new IllegalArgumentException("event type " + event.getTypeValue() + " is unknown");
        }
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into device_event (tenant, device, type, subject, model_digest, version, epoch,"
                        + " revision, reason, generation, connection, sequence, duration_ms)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                        + " on conflict (tenant, device, generation, connection, sequence) do nothing")
                .execute(Tuple.tuple()
                        .addString(device)
                        .addString(event.getType().name())
                        .addString(printable(event.getSubject()))
                        .addString(printable(event.getModelDigest()))
                        .addString(printable(event.getUpdateVersion()))
                        .addLong(event.getRevision().getEpoch())
                        .addLong(event.getRevision().getRevision())
                        .addString(printable(event.getReason()))
                        .addLong(event.getGeneration())
                        .addLong(event.getConnection())
                        .addLong(event.getSequence())
                        .addDouble(event.getDurationMs()))
                .replaceWithVoid());
    }

    /** @param newer what to keep in the column, of the row {@code d} that stands there and the new one, {@code excluded} */
    private Uni<Void> upsert(
            String device,
            String column,
            String newer,
            JsonObject value,
            long generation,
            long connectionCount,
            long sequence) {
        value.put("generation", generation).put("connection", connectionCount).put("sequence", sequence);
        String order = "((d." + column + "->>'generation')::bigint, (d." + column + "->>'connection')::bigint, (d."
                + column + "->>'sequence')::bigint)";
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into device as d (tenant, id, " + column + ", seen_at)"
                        + " values (current_setting('cema.tenant'), $1, $2, now())"
                        + " on conflict (tenant, id) do update set " + column + " = " + newer
                        + ", seen_at = now() where d." + column + " is null or " + order + " < ($3, $4, $5)")
                .execute(Tuple.of(device, value, generation, connectionCount, sequence))
                .replaceWithVoid());
    }

    private static JsonObject json(ReportedState state) {
        JsonArray slots = new JsonArray();
        state.getSlotsList()
                .forEach(slot -> slots.add(new JsonObject()
                        .put("modelDigest", printable(slot.getModelDigest()))
                        .put("cohort", printable(slot.getCohort()))
                        .put("channel", printable(slot.getChannel()))
                        .put("updateVersion", printable(slot.getUpdateVersion()))
                        .put("epoch", slot.getRevision().getEpoch())
                        .put("revision", slot.getRevision().getRevision())
                        .put("engine", printable(slot.getEngine()))));
        JsonArray capabilities = new JsonArray();
        state.getCapabilitiesList().forEach(capability -> capabilities.add(printable(capability)));
        return new JsonObject()
                .put("desiredVersion", state.getDesiredVersion())
                .put("slots", slots)
                .put("agentVersion", printable(state.getAgentVersion()))
                .put("capabilities", capabilities)
                .put("problem", printable(state.getProblem()));
    }

    /** The database takes no zero characters. */
    static String printable(String text) {
        return text.replace('\0', '?');
    }
}
