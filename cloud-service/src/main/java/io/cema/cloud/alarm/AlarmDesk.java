package io.cema.cloud.alarm;

import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.http.SortOrder;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What operators see of alarms and do to them. */
@ApplicationScoped
class AlarmDesk {
    private static final SortOrder SORT = SortOrder.byUnique("id", "id")
            .with("raisedAt", "raised_at")
            .with("clearedAt", "cleared_at")
            .with("severity", "severity")
            .with("type", "type")
            .with("cohort", "cohort");

    private final TenantDatabase database;
    private final Alarms alarms;
    private final String tenant;

    AlarmDesk(TenantDatabase database, Alarms alarms, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.alarms = alarms;
        this.tenant = tenant;
    }

    Uni<List<AlarmView>> list(AlarmQuery query, int limit, int offset) {
        QueryConditions conditions = new QueryConditions()
                .when(query.type().map(Enum::name), p -> "type = " + p)
                .when(query.signal(), p -> "signal = " + p)
                .when(query.cohort(), p -> "cohort = " + p)
                .when(query.device(), p -> "device = " + p)
                .when(query.since().map(AlarmDesk::utc), p -> "raised_at >= " + p);
        if (query.state().equals("OPEN")) {
            conditions.and("state <> 'CLEARED'");
        } else if (!query.state().equals("ANY")) {
            conditions.when(Optional.of(query.state()), p -> "state = " + p);
        }
        String sql = "select * from alarm" + conditions.where() + SORT.orderBy(query.sort())
                + conditions.page(limit, offset);
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(sql)
                .execute(conditions.values())
                .map(rows -> {
                    List<AlarmView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(view(row)));
                    return views;
                }));
    }

    /** Fails with 404. */
    Uni<AlarmView> find(String id) {
        return database.inTransaction(tenant, connection -> find(connection, id, ""));
    }

    /** Somebody looks after it. Fails with 404, 409 if it is cleared, or 412; twice changes nothing. */
    Uni<AlarmView> acknowledge(String id, String who, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> open(connection, id, ifMatch)
                .chain(found -> found.state() == AlarmView.State.ACKNOWLEDGED
                        ? Uni.createFrom().item(found)
                        : change(
                                connection,
                                "state = 'ACKNOWLEDGED', acknowledged_at = now(), acknowledged_by = $2",
                                "acknowledged",
                                Tuple.of(id, who))));
    }

    /** An operator says that it is well, or that it is how it is now. Fails with 404, 409 or 412. */
    Uni<AlarmView> clear(String id, String who, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> open(connection, id, ifMatch)
                .chain(found -> change(
                        connection,
                        "state = 'CLEARED', cleared_at = now(), cleared_by = $2, clear_reason = 'cleared by hand'",
                        "cleared",
                        Tuple.of(id, who))));
    }

    private Uni<AlarmView> change(SqlConnection connection, String set, String what, Tuple values) {
        return connection
                .preparedQuery("update alarm set " + set + ", version = version + 1 where id = $1 returning *")
                .execute(values)
                .call(rows -> alarms.told(connection, rows, what))
                .map(rows -> view(rows.iterator().next()));
    }

    private static Uni<AlarmView> open(SqlConnection connection, String id, Optional<String> ifMatch) {
        return find(connection, id, " for update").invoke(found -> {
            EntityTags.requireMatch(ifMatch, found.version());
            if (found.state() == AlarmView.State.CLEARED) {
                throw ProblemException.conflict(
                        "alarm " + id + " is cleared since " + found.clearedAt().orElseThrow());
            }
        });
    }

    private static Uni<AlarmView> find(SqlConnection connection, String id, String locking) {
        return connection
                .preparedQuery("select * from alarm where id = $1" + locking)
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no alarm " + id);
                    }
                    return view(rows.iterator().next());
                });
    }

    private static AlarmView view(Row row) {
        return new AlarmView(
                row.getString("id"),
                AlarmType.valueOf(row.getString("type")),
                row.getString("signal"),
                row.getString("subject"),
                Optional.ofNullable(row.getString("cohort")),
                Optional.ofNullable(row.getString("device")),
                AlarmType.Severity.valueOf(row.getString("severity")),
                AlarmView.State.valueOf(row.getString("state")),
                row.getString("message"),
                row.getJsonObject("evidence").getMap(),
                row.getOffsetDateTime("raised_at").toInstant(),
                time(row, "acknowledged_at"),
                Optional.ofNullable(row.getString("acknowledged_by")),
                time(row, "cleared_at"),
                Optional.ofNullable(row.getString("cleared_by")),
                Optional.ofNullable(row.getString("clear_reason")),
                row.getLong("version"));
    }

    private static Optional<Instant> time(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
