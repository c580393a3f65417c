package io.cema.cloud.fleet;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads devices and their events. */
@ApplicationScoped
class Devices {
    private final TenantDatabase database;
    private final double silenceSeconds;

    Devices(TenantDatabase database, FleetSettings settings) {
        this.database = database;
        this.silenceSeconds = settings.silence().toMillis() / 1000.0;
    }

    Uni<List<Device>> list(String tenant, DeviceQuery query, int limit, int offset) {
        QueryConditions conditions = new QueryConditions();
        String presence = presence(conditions.parameter(silenceSeconds));
        query.restrict(conditions, presence);
        String sql = select(presence)
                + conditions.where()
                + DeviceQuery.ORDER.orderBy(query.sort())
                + conditions.page(limit, offset);
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(sql)
                .execute(conditions.values())
                .map(rows -> {
                    List<Device> devices = new ArrayList<>();
                    rows.forEach(row -> devices.add(device(row)));
                    return devices;
                }));
    }

    /** Fails with 404. */
    Uni<Device> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> find(connection, id));
    }

    Uni<Device> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery(select(presence("$1")) + " where d.id = $2")
                .execute(Tuple.of(silenceSeconds, id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw missing(id);
                    }
                    return device(rows.iterator().next());
                });
    }

    static ProblemException missing(String id) {
        return ProblemException.notFound("no device " + id + " is known");
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

    /** @param silence what stands for the seconds of silence that are too long */
    private static String presence(String silence) {
        return "(case when d.online = 'ONLINE' and d.seen_at < now() - " + silence
                + "::float8 * interval '1 second' then 'UNKNOWN' else d.online end)";
    }

    private static String select(String presence) {
        return "select d.id, d.display_name, d.description, d.labels, d.status, d.version, d.cohort, d.selected,"
                + " (select array_agg(s.cohort order by s.further, s.created_at, s.cohort) from device_slot s"
                + "   where s.tenant = d.tenant and s.device = d.id) as slots, "
                + presence + " as presence, d.generation, d.connection, d.desired_version, d.reported, d.telemetry,"
                + " d.seen_at, d.created_at, d.decommissioned_at from device d";
    }

    private static Device device(Row row) {
        return new Device(
                row.getString("id"),
                row.getString("display_name"),
                row.getString("description"),
                Placement.labels(row),
                row.getString("status"),
                row.getLong("version"),
                Optional.ofNullable(row.getString("cohort")),
                Optional.ofNullable(row.getString("cohort"))
                        .map(cohort -> row.getBoolean("selected") ? Device.SELECTOR : Device.LIST),
                DeviceSlots.names(row),
                row.getString("presence"),
                row.getLong("generation"),
                row.getLong("connection"),
                row.getLong("desired_version"),
                Optional.ofNullable(row.getJsonObject("reported")).map(JsonObject::getMap),
                Optional.ofNullable(row.getJsonObject("telemetry")).map(JsonObject::getMap),
                Optional.ofNullable(row.getOffsetDateTime("seen_at")).map(OffsetDateTime::toInstant),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("decommissioned_at")).map(OffsetDateTime::toInstant));
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
