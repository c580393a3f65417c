package io.cema.cloud.rollout.health;

import io.cema.cloud.rollout.health.HealthEvidence.Upload;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers a trial's evidence from samples, telemetry, reported states and events. Any thread. */
@ApplicationScoped
class EvidenceQueries {
    /** More uploads than a sequential test needs to decide. */
    private static final int MOST_UPLOADS = 50_000;

    /** SQL: device {@code d} says that it runs model $3, under version $4 unless that is null. */
    private static final String RUNS =
            "exists (select 1 from jsonb_array_elements(coalesce(d.reported->'slots', '[]')) s"
                    + " where s->>'modelDigest' = $3 and ($4::text is null or s->>'updateVersion' = $4))";

    /** SQL: what device {@code d} has counted tells of its slot of cohort $6, or of no slots at all. */
    private static final String TELLS = " and (d.telemetry->'slots' is null or exists (select 1"
            + " from jsonb_array_elements(d.telemetry->'slots') t where t->>'cohort' = $6))";

    /** A canary's baseline is taken when it says that it runs the subject; a reference device's at once. */
    Uni<Void> keepBaselines(SqlConnection connection, Trial trial) {
        return connection
                .preparedQuery("insert into health_baseline (tenant, trial, device, telemetry)"
                        + " select d.tenant, $5, d.id, d.telemetry from device d where d.telemetry is not null"
                        + " and (d.id = any($2) or (d.id = any($1) and " + RUNS + "))" + TELLS
                        + " on conflict do nothing")
                .execute(subject(trial).addValue(trial.id()).addString(trial.cohort()))
                .replaceWithVoid();
    }

    Uni<HealthEvidence> gather(SqlConnection connection, Trial trial) {
        return uploads(connection, trial)
                .chain(uploads -> devices(connection, trial).chain(devices -> telemetry(connection, trial)
                        .map(telemetry -> new HealthEvidence(
                                Duration.ofMillis(Math.max(0, devices.getLong("age"))),
                                uploads,
                                trial.canaries().size(),
                                devices.getInteger("applied"),
                                devices.getInteger("failed"),
                                telemetry.canary(),
                                telemetry.reference()))));
    }

    /** SQL: of a canary only what it predicted with the subject, of the others all that is of the cohort. */
    private static final String COUNTS =
            " where received_at > $5 and cohort = $7 and (device = any($2) or (device = any($1) and model_digest = $3"
                    + " and ($4::text is null or update_version = $4)))";

    /**
     * From devices that send statistics in place of images, each report counts as one upload drawn at random: its frames are
     * taken by the clock. Nobody has looked at them, so whether somebody agrees is not known.
     */
    private static Uni<List<Upload>> uploads(SqlConnection connection, Trial trial) {
        return connection
                .preparedQuery("select canary, random, agrees, certainty from (select device = any($1) as canary,"
                        + " reason = 'RANDOM' as random,"
                        + " case when teacher_class >= 0 then teacher_class = predicted_class end as agrees,"
                        + " 1 - least(1, greatest(0, entropy / ln(greatest(2, coalesce((m.manifest->>'classes')::int,"
                        + "   2)))))::float8 as certainty, received_at, ordinal"
                        + " from sample s left join model m on m.tenant = s.tenant and m.digest = s.model_digest"
                        + COUNTS
                        + " union all select device = any($1), true, null::boolean,"
                        + " 1 - least(1, greatest(0, mean_entropy / ln(greatest(2, array_length(classes, 1))::float8)))"
                        + "::float8, received_at, ordinal from statistics_report" + COUNTS
                        + ") u order by received_at, ordinal limit $6")
                .execute(subject(trial)
                        .addValue(since(trial))
                        .addValue(MOST_UPLOADS)
                        .addString(trial.cohort()))
                .map(rows -> {
                    List<Upload> uploads = new ArrayList<>(rows.size());
                    rows.forEach(row -> uploads.add(new Upload(
                            row.getBoolean("canary"),
                            row.getBoolean("random"),
                            Optional.ofNullable(row.getBoolean("agrees")),
                            row.getDouble("certainty"))));
                    return uploads;
                });
    }

    private static Uni<Row> devices(SqlConnection connection, Trial trial) {
        String event = "exists (select 1 from device_event e where e.tenant = d.tenant and e.device = d.id"
                + " and e.received_at > $5 and e.model_digest = $3 and (($4::text is null and e.subject = 'model')"
                + " or e.version = $4) and e.type ";
        return connection
                .preparedQuery(
                        "select count(*) filter (where " + RUNS + " or " + event + " = 'APPLIED'))::int as applied,"
                                + " count(*) filter (where " + event
                                + " in ('REJECTED', 'ROLLED_BACK', 'FAILED')))::int as failed,"
                                + " (extract(epoch from now() - $5) * 1000)::bigint as age"
                                + " from device d where d.id = any($1) and $2::text[] is not null")
                .execute(subject(trial).addValue(since(trial)))
                .map(rows -> rows.iterator().next());
    }

    private record Both(HealthEvidence.Telemetry canary, HealthEvidence.Telemetry reference) {}

    private static Uni<Both> telemetry(SqlConnection connection, Trial trial) {
        return connection
                .preparedQuery("select d.id = any($1) as canary, b.telemetry as before, d.telemetry as after"
                        + " from health_baseline b join device d on d.tenant = b.tenant and d.id = b.device"
                        + " where b.trial = $3 and d.id = any($2)")
                .execute(Tuple.of(array(trial.canaries()), all(trial), trial.id()))
                .map(rows -> sums(rows, trial.cohort()));
    }

    private static Both sums(RowSet<Row> rows, String cohort) {
        TelemetrySum canary = new TelemetrySum(cohort);
        TelemetrySum reference = new TelemetrySum(cohort);
        rows.forEach(row -> (row.getBoolean("canary") ? canary : reference)
                .add(row.getJsonObject("before"), row.getJsonObject("after")));
        return new Both(canary.sum(), reference.sum());
    }

    /** $1 canaries, $2 references, $3 model, $4 version or null. */
    private static Tuple subject(Trial trial) {
        return Tuple.tuple()
                .addValue(array(trial.canaries()))
                .addValue(array(trial.references()))
                .addString(trial.subject().modelDigest())
                .addString(trial.subject().version().orElse(null));
    }

    private static OffsetDateTime since(Trial trial) {
        return trial.since().atOffset(ZoneOffset.UTC);
    }

    private static String[] all(Trial trial) {
        List<String> all = new ArrayList<>(trial.canaries());
        all.addAll(trial.references());
        return array(all);
    }

    private static String[] array(List<String> devices) {
        return devices.toArray(String[]::new);
    }
}
