package io.cema.cloud.adaptation;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What people may see of loops and versions. Any thread. */
@ApplicationScoped
class UpdateQueries {
    private static final String VERSIONS = "select v.*, coalesce(octet_length(v.affine), 0) as bytes,"
            + " coalesce((select jsonb_agg(jsonb_build_object('epoch', p.epoch, 'revision', p.revision,"
            + " 'channel', p.channel, 'at', to_char(p.published_at at time zone 'UTC',"
            + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')) order by p.epoch, p.revision)"
            + " from publication p where p.version = v.version), '[]') as publications from affine_version v";

    private final TenantDatabase database;

    UpdateQueries(TenantDatabase database) {
        this.database = database;
    }

    /** Fails with 404. */
    Uni<Void> requireCohort(String tenant, String cohort) {
        return database.inTransaction(tenant, c -> c.preparedQuery("select 1 from cohort where id = $1")
                .execute(Tuple.of(cohort))
                .invoke(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no cohort " + cohort);
                    }
                })
                .replaceWithVoid());
    }

    /** A page of a cohort's versions, newest first. */
    Uni<List<UpdateView>> versions(String tenant, String cohort, int limit, int offset) {
        return database.inTransaction(tenant, c -> c.preparedQuery(
                        VERSIONS + " where v.cohort = $1 order by v.created_at desc, v.version desc limit $2 offset $3")
                .execute(Tuple.of(cohort, limit, offset))
                .map(rows -> list(rows, UpdateQueries::version)));
    }

    Uni<Optional<UpdateView>> version(String tenant, String version) {
        return database.inTransaction(tenant, c -> c.preparedQuery(VERSIONS + " where v.version = $1")
                .execute(Tuple.of(version))
                .map(rows -> list(rows, UpdateQueries::version).stream().findFirst()));
    }

    /** A cohort's loops: one per edge model it runs or ran. */
    Uni<List<AdaptationView>> loops(String tenant, String cohort) {
        return database.inTransaction(tenant, c -> c.preparedQuery("select l.*, s.untrained, s.trained, s.held_back,"
                        + " case when l.expires_at > now() then l.expires_at end as held_until"
                        + " from adaptation_loop l cross join lateral (select"
                        + " count(*) filter (where trained_step is null and not held_back) as untrained,"
                        + " count(*) filter (where trained_step is not null) as trained,"
                        + " count(*) filter (where held_back) as held_back"
                        + " from sample s where s.cohort = l.cohort and s.model_digest = l.model_digest) s"
                        + " where l.cohort = $1 order by l.model_digest")
                .execute(Tuple.of(cohort))
                .map(rows -> list(rows, UpdateQueries::loop)));
    }

    private static UpdateView version(Row row) {
        return new UpdateView(
                row.getString("version"),
                row.getString("cohort"),
                row.getString("model_digest"),
                row.getString("verdict"),
                row.getString("reason"),
                row.getInteger("bytes"),
                Optional.ofNullable(row.getString("parent")),
                row.getLong("step"),
                Optional.ofNullable(row.getLong("first_ordinal")),
                Optional.ofNullable(row.getLong("last_ordinal")),
                row.getLong("samples"),
                row.getString("teacher_digest"),
                row.getJsonObject("metrics").encode(),
                publications(row.getJsonArray("publications")),
                instant(row.getOffsetDateTime("created_at")));
    }

    private static List<UpdateView.PublicationView> publications(JsonArray array) {
        List<UpdateView.PublicationView> publications = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            JsonObject p = array.getJsonObject(i);
            publications.add(new UpdateView.PublicationView(
                    p.getLong("epoch"),
                    p.getLong("revision"),
                    p.getString("channel"),
                    Instant.parse(p.getString("at"))));
        }
        return publications;
    }

    private static AdaptationView loop(Row row) {
        Optional<Instant> heldUntil =
                Optional.ofNullable(row.getOffsetDateTime("held_until")).map(UpdateQueries::instant);
        return new AdaptationView(
                row.getString("cohort"),
                row.getString("model_digest"),
                row.getString("foundation_digest"),
                heldUntil.map(until -> row.getString("holder")),
                heldUntil,
                row.getLong("fencing"),
                row.getLong("step"),
                row.getLong("next_revision") - 1,
                Optional.ofNullable(row.getString("live_version")),
                row.getString("status"),
                Optional.ofNullable(row.getString("problem")),
                row.getLong("untrained"),
                row.getLong("trained"),
                row.getLong("held_back"));
    }

    private static Instant instant(OffsetDateTime time) {
        return time.toInstant();
    }

    private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> reader) {
        List<T> values = new ArrayList<>(rows.size());
        rows.forEach(row -> values.add(reader.apply(row)));
        return values;
    }
}
