package io.cema.cloud.fleet;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads devices and their events. */
@ApplicationScoped
class Devices {
    private static final int SILENT_INTERVALS = 3;

    private final TenantDatabase database;
    private final double silenceSeconds;

    Devices(TenantDatabase database, FleetSettings settings) {
        this.database = database;
        this.silenceSeconds = settings.telemetryInterval().toMillis() / 1000.0 * SILENT_INTERVALS;
    }

    Uni<List<Device>> list(String tenant, Optional<String> cohort, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(select("where $2::text is null or d.cohort = $2 order by d.id limit $3 offset $4"))
                .execute(Tuple.of(silenceSeconds, cohort.orElse(null), limit, offset))
                .map(rows -> {
                    List<Device> devices = new ArrayList<>();
                    rows.forEach(row -> devices.add(device(row)));
                    return devices;
                }));
    }

    /** Fails with 404. */
    Uni<Device> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(select("where d.id = $2"))
                .execute(Tuple.of(silenceSeconds, id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("no device " + id + " is known");
                    }
                    return device(rows.iterator().next());
                }));
    }

    /** Events with a number below {@code before}, newest first. */
    Uni<List<DeviceEventView>> events(String tenant, Optional<String> device, long before, int limit) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select * from device_event where ($1::text is null or device = $1) and id < $2"
                        + " order by id desc limit $3")
                .execute(Tuple.of(device.orElse(null), before, limit))
                .map(rows -> {
                    List<DeviceEventView> events = new ArrayList<>();
                    rows.forEach(row -> events.add(event(row)));
                    return events;
                }));
    }

    private static String select(String rest) {
        return "select d.id, d.cohort, case when d.online = 'ONLINE' and d.seen_at < now() - $1 * interval '1 second'"
                + " then 'UNKNOWN' else d.online end as presence, d.generation, d.connection, d.desired_version,"
                + " d.reported, d.telemetry, d.seen_at, d.created_at from device d " + rest;
    }

    private static Device device(Row row) {
        return new Device(
                row.getString("id"),
                Optional.ofNullable(row.getString("cohort")),
                row.getString("presence"),
                row.getLong("generation"),
                row.getLong("connection"),
                row.getLong("desired_version"),
                Optional.ofNullable(row.getJsonObject("reported")).map(JsonObject::getMap),
                Optional.ofNullable(row.getJsonObject("telemetry")).map(JsonObject::getMap),
                Optional.ofNullable(row.getOffsetDateTime("seen_at")).map(OffsetDateTime::toInstant),
                row.getOffsetDateTime("created_at").toInstant());
    }

    private static DeviceEventView event(Row row) {
        return new DeviceEventView(
                row.getLong("id"),
                row.getString("device"),
                row.getString("type"),
                row.getString("subject"),
                row.getString("model_digest"),
                row.getString("version"),
                row.getLong("epoch"),
                row.getLong("revision"),
                row.getString("reason"),
                row.getDouble("duration_ms"),
                row.getOffsetDateTime("received_at").toInstant());
    }
}
