package io.cema.cloud.truth;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.ingest.TrustedSamples;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * True accuracy, from labelled uploads that were drawn at random: the only ones that stand for all a device sees. Devices
 * set apart are left out.
 */
@ApplicationScoped
class Accuracies {
    private static final String SQL = "select model_digest, update_version, count(*) as uploads,"
            + " count(l.class) as labelled, count(*) filter (where l.class = predicted_class) as correct,"
            + " avg(entropy)::float8 as entropy, (avg((teacher_class = predicted_class)::int)"
            + " filter (where teacher_class >= 0))::float8 as agreement from sample left join label l on l.tenant = sample.tenant"
            + " and l.device = sample.device and l.sample_id = sample.sample_id"
            + " where cohort = $1 and reason = 'RANDOM' and ($2::timestamptz is null or received_at >= $2)"
            + " and ($3::text is null or update_version = $3)" + TrustedSamples.CONDITION
            + " group by model_digest, update_version order by max(ordinal) desc limit $4 offset $5";

    private final TenantDatabase database;
    private final String tenant;

    Accuracies(TenantDatabase database, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.tenant = tenant;
    }

    /** Per version, the one used last first. Fails with 404. */
    Uni<List<AccuracyView>> list(
            String cohort, Optional<Instant> since, Optional<String> version, int limit, int offset) {
        return database.inTransaction(tenant, connection -> requireCohort(connection, cohort)
                .chain(() -> connection
                        .preparedQuery(SQL)
                        .execute(Tuple.of(
                                cohort,
                                since.map(t -> t.atOffset(ZoneOffset.UTC)).orElse(null),
                                version.orElse(null),
                                limit,
                                offset)))
                .map(rows -> {
                    List<AccuracyView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(AccuracyView.of(
                            row.getString("model_digest"),
                            row.getString("update_version"),
                            row.getLong("uploads"),
                            row.getLong("labelled"),
                            row.getLong("correct"),
                            row.getDouble("entropy"),
                            Optional.ofNullable(row.getDouble("agreement")))));
                    return views;
                }));
    }

    /** Fails with 404. */
    static Uni<Void> requireCohort(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select 1 from cohort where id = $1")
                .execute(Tuple.of(cohort))
                .invoke(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no cohort " + cohort);
                    }
                })
                .replaceWithVoid();
    }
}
