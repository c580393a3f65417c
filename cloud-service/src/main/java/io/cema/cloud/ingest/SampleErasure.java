package io.cema.cloud.ingest;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Erases samples with their images and labels, undelivered parts, dead letters and reports of statistics. In batches of one transaction each, so
 * that ingest and loops go on meanwhile; what was begun and broken off is finished by asking again.
 */
@ApplicationScoped
class SampleErasure {
    private static final int BATCH = 500;

    private final TenantDatabase database;
    private final Payloads payloads;
    private final LiveEvents events;
    private final AuditLog audit;

    SampleErasure(TenantDatabase database, Payloads payloads, LiveEvents events, AuditLog audit) {
        this.database = database;
        this.payloads = payloads;
        this.events = events;
        this.audit = audit;
    }

    /** Returns when nothing of the scope is left; the audit log then says by whom and how much. */
    Uni<Erased> erase(String tenant, ErasureScope scope, Actor actor) {
        return Multi.createBy()
                .repeating()
                .uni(() -> database.inTransaction(tenant, connection -> batch(connection, scope)))
                .until(Erased::nothing)
                .collect()
                .with(Collectors.reducing(Erased.NOTHING, Erased::plus))
                .call(erased -> erased.nothing()
                        ? Uni.createFrom().voidItem()
                        : database.inTransaction(tenant, connection -> tell(connection, scope, actor, erased)));
    }

    private Uni<Void> tell(SqlConnection connection, ErasureScope scope, Actor actor, Erased erased) {
        return audit.record(connection, actor, "ERASE", "/api/v1/samples?" + scope.described(), 200)
                .chain(() -> events.append(
                        connection,
                        "samples.erased",
                        "samples",
                        JsonObject.of(
                                "scope", scope.described(),
                                "samples", erased.samples(),
                                "parts", erased.parts(),
                                "deadLetters", erased.deadLetters(),
                                "statisticsReports", erased.statisticsReports())));
    }

    /**
     * Locks the images, then the loops, then the samples: the order in which loops do as well. Samples go last, since they
     * say who sent to a cohort.
     */
    private Uni<Erased> batch(SqlConnection connection, ErasureScope scope) {
        return payloads.lock(connection)
                .chain(() -> others(connection, "sample_part", scope.parts(), scope))
                .chain(parts -> others(connection, "dead_letter", scope.deadLetters(), scope)
                        .chain(letters -> others(connection, "statistics_report", scope.reports(), scope)
                                .chain(reports -> connection
                                        .preparedQuery("select device, sample_id, cohort, artefact from sample where "
                                                + scope.samples() + " limit " + BATCH)
                                        .execute(scope.parameters())
                                        .chain(rows -> samples(connection, rows))
                                        .map(samples -> new Erased(samples, parts, letters, reports)))));
    }

    private Uni<Long> samples(SqlConnection connection, RowSet<Row> rows) {
        if (rows.size() == 0) {
            return Uni.createFrom().item(0L);
        }
        String[] devices = new String[rows.size()];
        String[] ids = new String[rows.size()];
        Set<String> cohorts = new TreeSet<>();
        Set<String> artefacts = new HashSet<>();
        int at = 0;
        for (Row row : rows) {
            devices[at] = row.getString("device");
            ids[at++] = row.getString("sample_id");
            cohorts.add(row.getString("cohort"));
            artefacts.add(row.getString("artefact"));
        }
        return connection
                .preparedQuery("update adaptation_loop set withdrawals = withdrawals + 1 where cohort = any($1)")
                .execute(Tuple.of(cohorts.toArray(String[]::new)))
                .chain(() -> connection
                        .preparedQuery("delete from sample where (device, sample_id) in"
                                + " (select * from unnest($1::text[], $2::text[]))")
                        .execute(Tuple.of(devices, ids)))
                .map(deleted -> (long) deleted.rowCount())
                .call(() -> payloads.drop(connection, artefacts));
    }

    private static Uni<Long> others(SqlConnection connection, String table, String condition, ErasureScope scope) {
        return connection
                .preparedQuery("delete from " + table + " where ctid = any(array(select ctid from " + table + " where "
                        + condition + " limit " + BATCH + "))")
                .execute(scope.parameters())
                .map(deleted -> (long) deleted.rowCount());
    }
}
