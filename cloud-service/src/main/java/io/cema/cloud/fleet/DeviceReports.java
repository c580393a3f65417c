package io.cema.cloud.fleet;

import io.cema.cloud.drift.DriftMonitor;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Writes what devices tell of themselves. Idempotent: ordered by (generation, connection) and, within a connection, by
 * the device's sequence number; what is older than what stands there changes nothing. What a decommissioned device says is
 * dropped, and what it retains is cleared.
 *
 * <p>Of a device that is known, as nearly every one is, it is one statement that both writes and looks whether to: ten
 * thousand devices are as many round trips to the database as there are statements.
 */
@ApplicationScoped
class DeviceReports {
    /** The row as it was, beside the row as it is. */
    private static final String PRESENCE = "with was as (select online from device where id = $1 for update)"
            + " update device d set online = $2, generation = $3, connection = $4, seen_at = now(), silent = false"
            + " from was where d.id = $1 and d.status = 'ACTIVE' and ((d.generation, d.connection) < ($3, $4)"
            + " or ((d.generation, d.connection) = ($3, $4) and ($2 = 'OFFLINE' or d.online = 'UNKNOWN')))"
            + " returning was.online";

    /** One that is there already is told no second time. */
    private static final String EVENT =
            "insert into device_event (tenant, device, type, subject, model_digest, version,"
                    + " epoch, revision, reason, generation, connection, sequence, duration_ms)"
                    + " select tenant, id, $2, $3, $4, $5, $6::bigint, $7::bigint, $8, $9::bigint, $10::bigint, $11::bigint,"
                    + " $12::float8 from device where id = $1 and status = 'ACTIVE'"
                    + " on conflict (tenant, device, generation, connection, sequence) do nothing";

    private final TenantDatabase database;
    private final DeviceRegister register;
    private final Outbox outbox;
    private final LiveEvents live;
    private final DriftMonitor drift;
    private final ServiceClock clock;
    private final String tenant;

    DeviceReports(
            TenantDatabase database,
            DeviceRegister register,
            Outbox outbox,
            LiveEvents live,
            DriftMonitor drift,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.register = register;
        this.outbox = outbox;
        this.live = live;
        this.drift = drift;
        this.clock = clock;
        this.tenant = tenant;
    }

    /** Within one connection OFFLINE is the last word: it is either the farewell or the will. */
    Uni<Void> presence(String device, Presence presence) {
        if (presence.getState() != Presence.State.ONLINE && presence.getState() != Presence.State.OFFLINE) {
            throw new IllegalArgumentException("presence state " + presence.getStateValue() + " is unknown");
        }
        String state = presence.getState().name();
        return take(
                device,
                DeviceLeaf.PRESENCE,
                PRESENCE,
                Tuple.of(device, state, presence.getGeneration(), presence.getConnection()),
                (connection, rows) -> rows.iterator().next().getString(0).equals(state)
                        ? Uni.createFrom().voidItem()
                        : live.append(
                                connection,
                                "device." + state.toLowerCase(Locale.ROOT),
                                "devices/" + device,
                                new JsonObject().put("agentVersion", printable(presence.getAgentVersion()))));
    }

    Uni<Void> reported(String device, ReportedState state) {
        return update(
                device,
                DeviceLeaf.REPORTED,
                "excluded.reported",
                json(state),
                state.getGeneration(),
                state.getConnection(),
                state.getSequence(),
                connection -> Uni.createFrom().voidItem());
    }

    Uni<Void> telemetry(String device, EnvelopeOpener.Dated<Telemetry> sent) {
        Telemetry telemetry = sent.message();
        return update(
                device,
                DeviceLeaf.TELEMETRY,
                TelemetryJson.WITH_ENERGY_PER_INFERENCE,
                TelemetryJson.of(sent, clock.millis()),
                telemetry.getGeneration(),
                telemetry.getConnection(),
                telemetry.getSequence(),
                connection -> drift.telemetry(connection, device, telemetry));
    }

    Uni<Void> event(String device, DeviceEvent event) {
        if (event.getType() == DeviceEvent.Type.TYPE_UNSPECIFIED || event.getType() == DeviceEvent.Type.UNRECOGNIZED) {
            throw new IllegalArgumentException("event type " + event.getTypeValue() + " is unknown");
        }
        return take(
                device,
                DeviceLeaf.EVENT,
                EVENT,
                Tuple.tuple()
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
                        .addDouble(event.getDurationMs()),
                (connection, rows) -> live.append(
                        connection,
                        "device."
                                + event.getType()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '-'),
                        "devices/" + device,
                        new JsonObject()
                                .put("subject", printable(event.getSubject()))
                                .put("modelDigest", printable(event.getModelDigest()))
                                .put("version", printable(event.getUpdateVersion()))
                                .put("reason", printable(event.getReason()))));
    }

    /**
     * @param newer what to keep in the column, of the row {@code d} that stands there and the new one, {@code excluded}
     * @param then what to do in the transaction if it is newer than what stood there
     */
    private Uni<Void> update(
            String device,
            DeviceLeaf leaf,
            String newer,
            JsonObject value,
            long generation,
            long connectionCount,
            long sequence,
            Function<SqlConnection, Uni<Void>> then) {
        value.put("generation", generation).put("connection", connectionCount).put("sequence", sequence);
        String column = leaf.name().toLowerCase(Locale.ROOT);
        String order = "((d." + column + "->>'generation')::bigint, (d." + column + "->>'connection')::bigint, (d."
                + column + "->>'sequence')::bigint)";
        return take(
                device,
                leaf,
                "update device d set " + column + " = " + newer + ", seen_at = now() from (select $2::jsonb as "
                        + column
                        + ") excluded where d.id = $1 and d.status = 'ACTIVE' and (d." + column + " is null or " + order
                        + " < ($3, $4, $5))",
                Tuple.of(device, value, generation, connectionCount, sequence),
                (connection, rows) -> then.apply(connection));
    }

    /**
     * Writes in one transaction what a device tells.
     *
     * @param sql changes a row if the device is active and this is new
     * @param then what to do in the transaction if a row was changed
     */
    private Uni<Void> take(
            String device,
            DeviceLeaf leaf,
            String sql,
            Tuple values,
            BiFunction<SqlConnection, RowSet<Row>, Uni<Void>> then) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(sql)
                .execute(values)
                .chain(rows -> rows.rowCount() > 0
                        ? Uni.createFrom().item(rows)
                        : register.hears(connection, device).chain(standing -> switch (standing) {
                            case KNOWN -> Uni.createFrom().item(rows);
                            case NEW -> connection.preparedQuery(sql).execute(values);
                            case DECOMMISSIONED ->
                                clear(connection, device, leaf).replaceWith(rows);
                        }))
                .chain(rows -> rows.rowCount() > 0
                        ? then.apply(connection, rows)
                        : Uni.createFrom().voidItem()));
    }

    /** What a decommissioned device left, such as its will, must not greet those who subscribe later. */
    private Uni<Void> clear(SqlConnection connection, String device, DeviceLeaf leaf) {
        return leaf == DeviceLeaf.TELEMETRY || leaf == DeviceLeaf.EVENT
                ? Uni.createFrom().voidItem()
                : outbox.clear(connection, Topics.device(tenant, device, leaf));
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
