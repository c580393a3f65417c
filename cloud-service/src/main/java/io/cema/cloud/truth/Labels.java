package io.cema.cloud.truth;

import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.ingest.TrustedSamples;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The labels. One to an upload; a later one takes its place. */
@ApplicationScoped
class Labels {
    /** Of so many newest uploads one is drawn: enough that two persons seldom meet, few enough to be of the present. */
    private static final int DRAWN_FROM = 1_000;

    private final TenantDatabase database;
    private final ModelRegistry models;
    private final String tenant;

    Labels(TenantDatabase database, ModelRegistry models, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.models = models;
        this.tenant = tenant;
    }

    /** Drawn at random from the newest random uploads that have none; empty if there is none. Fails with 404. */
    Uni<Optional<LabellingTask>> next(String cohort) {
        return database.inTransaction(tenant, connection -> Accuracies.requireCohort(connection, cohort)
                .chain(() -> connection
                        .preparedQuery("select * from (select device, sample_id, model_digest, captured_at from sample"
                                + " where cohort = $1 and reason = 'RANDOM' and not exists (select 1 from label l where"
                                + " l.tenant = sample.tenant and l.device = sample.device"
                                + " and l.sample_id = sample.sample_id)" + TrustedSamples.CONDITION
                                + " order by ordinal desc limit $2) newest order by random() limit 1")
                        .execute(Tuple.of(cohort, DRAWN_FROM)))
                .chain(rows -> rows.size() == 0
                        ? Uni.createFrom().item(Optional.empty())
                        : task(connection, cohort, rows.iterator().next()).map(Optional::of)));
    }

    private Uni<LabellingTask> task(SqlConnection connection, String cohort, Row row) {
        String device = row.getString("device");
        String id = row.getString("sample_id");
        String path = "/api/v1/samples/" + device + "/" + id;
        return models.find(connection, row.getString("model_digest")).map(model -> {
            ModelManifest manifest = model.manifest();
            return new LabellingTask(
                    cohort,
                    device,
                    id,
                    path + "/image",
                    path + "/label",
                    manifest.digest(),
                    manifest.classes(),
                    manifest.labels(),
                    Optional.ofNullable(row.getOffsetDateTime("captured_at")).map(OffsetDateTime::toInstant));
        });
    }

    /** Fails with 404. */
    Uni<LabelView> find(String device, String id) {
        return database.inTransaction(tenant, connection -> find(connection, device, id)
                .map(found -> found.orElseThrow(
                        () -> ProblemException.notFound("sample " + id + " of device " + device + " has no label"))));
    }

    /** Fails with 404, with 412, or with 422 if the model has no such class. */
    Uni<LabelView> put(String device, String id, int shown, String who, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> model(connection, device, id)
                .chain(digest -> models.find(connection, digest))
                .invoke(model -> {
                    if (shown >= model.manifest().classes()) {
                        throw ProblemException.unprocessable(
                                "no-such-class",
                                "The model has no such class",
                                "class " + shown + " is beyond those of model "
                                        + model.manifest().name() + ", 0 to "
                                        + (model.manifest().classes() - 1));
                    }
                })
                .chain(() -> requireMatch(connection, device, id, ifMatch))
                .chain(() -> connection
                        .preparedQuery(
                                "insert into label (tenant, device, sample_id, class, labelled_by)"
                                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4)"
                                        + " on conflict (tenant, device, sample_id) do update set class = excluded.class,"
                                        + " labelled_by = excluded.labelled_by, labelled_at = now(), version = label.version + 1")
                        .execute(Tuple.of(device, id, shown, who)))
                .chain(() -> find(connection, device, id))
                .map(Optional::orElseThrow));
    }

    /** Nothing happens if there is none. Fails with 404 if there is no such sample, or with 412. */
    Uni<Void> delete(String device, String id, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> model(connection, device, id)
                .chain(() -> requireMatch(connection, device, id, ifMatch))
                .chain(() -> connection
                        .preparedQuery("delete from label where device = $1 and sample_id = $2")
                        .execute(Tuple.of(device, id)))
                .replaceWithVoid());
    }

    private static Uni<Void> requireMatch(
            SqlConnection connection, String device, String id, Optional<String> ifMatch) {
        return find(connection, device, id)
                .invoke(found -> EntityTags.requireMatch(
                        ifMatch, found.map(LabelView::version).orElse(0L)))
                .replaceWithVoid();
    }

    /** The sample's model; locks the sample, so that changes of its label follow one another. */
    private static Uni<String> model(SqlConnection connection, String device, String id) {
        return connection
                .preparedQuery("select model_digest from sample where device = $1 and sample_id = $2 for update")
                .execute(Tuple.of(device, id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("device " + device + " has no sample " + id);
                    }
                    return rows.iterator().next().getString(0);
                });
    }

    private static Uni<Optional<LabelView>> find(SqlConnection connection, String device, String id) {
        return connection
                .preparedQuery("select * from label where device = $1 and sample_id = $2")
                .execute(Tuple.of(device, id))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(view(rows.iterator().next())));
    }

    private static LabelView view(Row row) {
        return new LabelView(
                row.getString("device"),
                row.getString("sample_id"),
                row.getInteger("class"),
                row.getString("labelled_by"),
                row.getOffsetDateTime("labelled_at").toInstant(),
                row.getLong("version"));
    }
}
