package io.cema.cloud.compression;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compression jobs in PostgreSQL. Any thread; results arrive on a Vert.x thread. */
@ApplicationScoped
class CompressionRepository {
    private final TenantDatabase database;
    private final ObjectMapper json;

    CompressionRepository(TenantDatabase database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /** Writes a new job, QUEUED. */
    Uni<Void> insert(String tenant, CompressionJob job, String holder) {
        return database.inTransaction(tenant, c -> c.preparedQuery("insert into compression (tenant, id, name,"
                        + " model_digest, teacher_digest, images_digest, test_digest, options, status, holder)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7, 'QUEUED', $8)")
                .execute(Tuple.tuple()
                        .addValue(job.id())
                        .addValue(job.name())
                        .addValue(job.model())
                        .addValue(job.teacher().orElse(null))
                        .addValue(job.images())
                        .addValue(job.testImages().orElse(null))
                        .addValue(new JsonObject(job.options().toString()))
                        .addValue(holder))
                .replaceWithVoid());
    }

    /** Fails with 404. */
    Uni<CompressionJob> find(String tenant, String id) {
        return database.inTransaction(tenant, c -> c.preparedQuery("select * from compression where id = $1")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("no compression " + id + " exists");
                    }
                    return job(rows.iterator().next());
                }));
    }

    /** Newest first. */
    Uni<List<CompressionJob>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, c -> c.preparedQuery(
                        "select * from compression order by created_at desc, id desc limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<CompressionJob> jobs = new ArrayList<>();
                    rows.forEach(row -> jobs.add(job(row)));
                    return jobs;
                }));
    }

    /** Marks what this instance had queued or was working on when its process ended; returns how many. */
    Uni<Integer> markInterrupted(String tenant, String holder) {
        return database.inTransaction(tenant, c -> c.preparedQuery("update compression set status = 'INTERRUPTED',"
                        + " ended_at = now(), problem = 'the service stopped at ' || round(100 * progress) ||"
                        + " ' %; start it again' where holder = $1 and status in ('QUEUED', 'RUNNING')")
                .execute(Tuple.of(holder))
                .map(rows -> rows.rowCount()));
    }

    /** @return false if the job was not open for that, e.g. cancelled meanwhile */
    Uni<Boolean> begin(String tenant, String id) {
        return changed(
                tenant,
                "update compression set status = 'RUNNING', started_at = now() where id = $1 and status = 'QUEUED'",
                Tuple.of(id));
    }

    /** @return false if the job is not running any more: it shall stop */
    Uni<Boolean> progress(String tenant, String id, Progress progress) {
        return changed(
                tenant,
                "update compression set stage = $2, progress = $3, detail = $4 where id = $1 and status = 'RUNNING'",
                Tuple.of(id, progress.stage(), progress.done(), progress.detail()));
    }

    Uni<Boolean> done(String tenant, String id, String result, CompressionReport report) {
        return changed(
                tenant,
                "update compression set status = 'DONE', progress = 1, stage = 'done', detail = '', result_digest = $2,"
                        + " report = $3, ended_at = now() where id = $1 and status = 'RUNNING'",
                Tuple.of(id, result, new JsonObject(text(report))));
    }

    Uni<Boolean> failed(String tenant, String id, String problem) {
        return changed(
                tenant,
                "update compression set status = 'FAILED', problem = $2, ended_at = now() where id = $1"
                        + " and status = 'RUNNING'",
                Tuple.of(id, problem));
    }

    /** @return false if it had ended */
    Uni<Boolean> cancel(String tenant, String id) {
        return changed(
                tenant,
                "update compression set status = 'CANCELLED', ended_at = now() where id = $1"
                        + " and status in ('QUEUED', 'RUNNING')",
                Tuple.of(id));
    }

    /** @return false if it is open or done */
    Uni<Boolean> restart(String tenant, String id, String holder) {
        return changed(
                tenant,
                "update compression set status = 'QUEUED', holder = $2, stage = '', progress = 0, detail = '',"
                        + " problem = null, started_at = null, ended_at = null where id = $1"
                        + " and status in ('INTERRUPTED', 'FAILED', 'CANCELLED')",
                Tuple.of(id, holder));
    }

    private Uni<Boolean> changed(String tenant, String sql, Tuple values) {
        return database.inTransaction(
                tenant, c -> c.preparedQuery(sql).execute(values).map(rows -> rows.rowCount() == 1));
    }

    private String text(CompressionReport report) {
        try {
            return json.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a compression's report cannot be written as JSON", e);
        }
    }

    private CompressionJob job(Row row) {
        return new CompressionJob(
                row.getString("id"),
                row.getString("name"),
                row.getString("model_digest"),
                Optional.ofNullable(row.getString("teacher_digest")),
                row.getString("images_digest"),
                Optional.ofNullable(row.getString("test_digest")),
                tree(row.getJsonObject("options")),
                JobStatus.valueOf(row.getString("status")),
                row.getString("stage"),
                row.getDouble("progress"),
                row.getString("detail"),
                Optional.ofNullable(row.getString("problem")),
                Optional.ofNullable(row.getString("result_digest")),
                Optional.ofNullable(row.getJsonObject("report")).map(this::tree),
                row.getOffsetDateTime("created_at").toInstant(),
                instant(row, "started_at"),
                instant(row, "ended_at"));
    }

    private static Optional<Instant> instant(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }

    private JsonNode tree(JsonObject object) {
        try {
            return json.readTree(object.encode());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON cannot be read", e);
        }
    }
}
