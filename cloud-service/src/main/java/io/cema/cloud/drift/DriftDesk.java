package io.cema.cloud.drift;

import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What operators see of the watch for drift, and do to it. */
@ApplicationScoped
class DriftDesk {
    private final TenantDatabase database;
    private final DriftThreshold threshold;
    private final Alarms alarms;
    private final LiveEvents live;
    private final String tenant;

    DriftDesk(
            TenantDatabase database,
            DriftThreshold threshold,
            Alarms alarms,
            LiveEvents live,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.threshold = threshold;
        this.alarms = alarms;
        this.live = live;
        this.tenant = tenant;
    }

    /** By cohort, device and signal. */
    Uni<List<DriftView>> list(Optional<String> cohort, Optional<String> device, int limit, int offset) {
        QueryConditions conditions =
                new QueryConditions().when(cohort, p -> "cohort = " + p).when(device, p -> "device = " + p);
        String sql = "select * from drift_stream" + conditions.where() + " order by cohort, device, signal"
                + conditions.page(limit, offset);
        return database.inTransaction(
                tenant, connection -> threshold.now(connection).chain(due -> connection
                        .preparedQuery(sql)
                        .execute(conditions.values())
                        .map(rows -> {
                            List<DriftView> views = new ArrayList<>();
                            rows.forEach(row -> views.add(view(row, due)));
                            return views;
                        })));
    }

    /** What is now is usual: references are learnt anew, and alarms of drift end. Fails with 404. */
    Uni<Void> reset(NewBaseline wanted) {
        Optional<String> device = Optional.ofNullable(wanted.device());
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select 1 from cohort where id = $1")
                .execute(Tuple.of(wanted.cohort()))
                .invoke(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no cohort " + wanted.cohort());
                    }
                })
                // Telemetry reads a stream and writes it again while it holds its device: none may be in between.
                .chain(() -> connection
                        .preparedQuery("select d.id from device d where ($2::text is null or d.id = $2)"
                                + " and exists (select 1 from device_slot s where s.tenant = d.tenant"
                                + "   and s.device = d.id and s.cohort = $1) order by d.id for update")
                        .execute(Tuple.of(wanted.cohort(), wanted.device())))
                .chain(() -> connection
                        .preparedQuery(
                                "delete from drift_stream where cohort = $1 and ($2::text is null or device = $2)")
                        .execute(Tuple.of(wanted.cohort(), wanted.device())))
                .chain(() -> alarms.clearAll(
                        connection, AlarmType.DRIFT, wanted.cohort(), device, "an operator set a new baseline"))
                .chain(() -> live.append(
                        connection,
                        "drift.baseline",
                        device.map(d -> "devices/" + d).orElse("cohorts/" + wanted.cohort()),
                        new JsonObject().put("cohort", wanted.cohort()))));
    }

    private static DriftView view(Row row, double due) {
        return new DriftView(
                row.getString("cohort"),
                Optional.of(row.getString("device")).filter(device -> !device.isEmpty()),
                Signal.valueOf(row.getString("signal")),
                DriftStream.Phase.valueOf(row.getString("phase")),
                row.getLong("observations"),
                row.getDouble("score"),
                row.getDouble("usual"),
                row.getDouble("evidence"),
                due,
                row.getOffsetDateTime("since").toInstant(),
                row.getOffsetDateTime("observed_at").toInstant());
    }
}
