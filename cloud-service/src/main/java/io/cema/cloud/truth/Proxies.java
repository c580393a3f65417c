package io.cema.cloud.truth;

import io.cema.cloud.ingest.TrustedSamples;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What stands for accuracy where nobody labels, over time. Devices set apart are left out. Any thread. */
@ApplicationScoped
class Proxies {
    private static final String RANDOM = "filter (where reason = 'RANDOM')";
    private static final String AGREES = "avg((teacher_class = predicted_class)::int) filter (where teacher_class >= 0";
    private static final String SQL = "select to_timestamp(floor(extract(epoch from received_at) / $4) * $4) as at,"
            + " count(*) as uploads, count(*) " + RANDOM + " as random_uploads, sum(bytes)::int8 as bytes,"
            + " avg(entropy)::float8 as entropy, (avg(entropy) " + RANDOM + ")::float8 as random_entropy,"
            + " (" + AGREES + "))::float8 as agreement,"
            + " (" + AGREES + " and reason = 'RANDOM'))::float8 as random_agreement"
            + " from sample where cohort = $1 and received_at >= $2 and received_at < $3" + TrustedSamples.CONDITION
            + " group by 1 order by 1";

    private final TenantDatabase database;
    private final String tenant;

    Proxies(TenantDatabase database, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.tenant = tenant;
    }

    /**
     * Steps with uploads, oldest first; steps begin at multiples of their length since 1970. Fails with 404.
     *
     * @param seconds length of a step
     */
    Uni<List<ProxyPoint>> list(String cohort, Instant since, Instant until, int seconds) {
        return database.inTransaction(tenant, connection -> Accuracies.requireCohort(connection, cohort)
                .chain(() -> connection
                        .preparedQuery(SQL)
                        .execute(Tuple.of(
                                cohort, since.atOffset(ZoneOffset.UTC), until.atOffset(ZoneOffset.UTC), (double)
                                        seconds)))
                .map(rows -> {
                    List<ProxyPoint> points = new ArrayList<>(rows.size());
                    rows.forEach(row -> points.add(point(row)));
                    return points;
                }));
    }

    private static ProxyPoint point(Row row) {
        return new ProxyPoint(
                row.getOffsetDateTime("at").toInstant(),
                row.getLong("uploads"),
                row.getLong("random_uploads"),
                row.getLong("bytes"),
                row.getDouble("entropy"),
                Optional.ofNullable(row.getDouble("random_entropy")),
                Optional.ofNullable(row.getDouble("agreement")),
                Optional.ofNullable(row.getDouble("random_agreement")));
    }
}
