package io.cema.cloud;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.awaitility.Awaitility;

/** Uploads as rows, without a broker and without images, and the tables as a test sees them. */
@ApplicationScoped
public class TestSamples {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TenantDatabase database;
    private final SchemaMigration migration;

    TestSamples(TenantDatabase database, SchemaMigration migration) {
        this.database = database;
        this.migration = migration;
    }

    /** What is the same for many uploads. */
    public record Kind(
            String device,
            String cohort,
            String model,
            String reason,
            int predictedClass,
            double entropy,
            double grey,
            double contrast,
            String version,
            Instant received) {
        public static Kind of(String device, String cohort, String model) {
            return new Kind(device, cohort, model, "RANDOM", 1, 0.5, 100, 40, "", Instant.now());
        }

        public Kind looking(double newGrey, double newContrast) {
            return new Kind(
                    device, cohort, model, reason, predictedClass, entropy, newGrey, newContrast, version, received);
        }

        public Kind because(String newReason) {
            return new Kind(
                    device, cohort, model, newReason, predictedClass, entropy, grey, contrast, version, received);
        }

        public Kind under(String newVersion) {
            return new Kind(
                    device, cohort, model, reason, predictedClass, entropy, grey, contrast, newVersion, received);
        }

        public Kind at(Instant newReceived) {
            return new Kind(
                    device, cohort, model, reason, predictedClass, entropy, grey, contrast, version, newReceived);
        }
    }

    /** Returns its id. */
    public String add(Kind kind) {
        return add(kind, "0".repeat(64));
    }

    /** Returns its id. */
    public String add(Kind kind, String artefact) {
        String id = UlidCreator.getMonotonicUlid().toString();
        insert(kind, artefact, id, 1);
        return id;
    }

    public void addMany(Kind kind, int count) {
        insert(kind, "0".repeat(64), UlidCreator.getMonotonicUlid() + "-", count);
    }

    private void insert(Kind kind, String artefact, String id, int count) {
        Float[] statistics = new Float[6];
        Arrays.fill(statistics, 0, 3, (float) kind.grey());
        Arrays.fill(statistics, 3, 6, (float) kind.contrast());
        execute(
                "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                        + " bytes, entropy, predicted_class, reason, update_version, held_back, pixel_statistics,"
                        + " received_at, captured_at) select current_setting('cema.tenant'), $1,"
                        + " case when $12::int = 1 then $2 else $2 || i end, $3, $4, $5, 'RGB8_ZSTD', 32, 32, 1, $6::real,"
                        + " $7::int, $8, $9, false, $10::real[], $11::timestamptz, $11::timestamptz"
                        + " from generate_series(1, $12::int) i",
                kind.device(),
                id,
                kind.cohort(),
                kind.model(),
                artefact,
                (float) kind.entropy(),
                kind.predictedClass(),
                kind.reason(),
                kind.version(),
                statistics,
                kind.received().atOffset(ZoneOffset.UTC),
                count);
    }

    public long count(String sql, Object... parameters) {
        return rows(sql, parameters).iterator().next().getLong(0);
    }

    public void execute(String sql, Object... parameters) {
        rows(sql, parameters);
    }

    private RowSet<Row> rows(String sql, Object... parameters) {
        if (!migration.done()) { // to wait for what is there costs a tenth of a second
            Awaitility.await().atMost(PATIENCE).until(migration::done);
        }
        Uni<RowSet<Row>> rows = database.inTransaction(
                "default", connection -> connection.preparedQuery(sql).execute(Tuple.from(parameters)));
        return rows.await().atMost(PATIENCE);
    }
}
