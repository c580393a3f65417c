package io.cema.cloud.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The registered models: rows in the database, bytes in the artefact store. Any thread. */
@ApplicationScoped
public class ModelRegistry {
    private static final String COLUMNS =
            "m.digest, m.manifest, m.manifest_digest, m.manifest_size, m.source_digest, m.created_at";

    private final TenantDatabase database;
    private final ArtefactStore artefacts;
    private final ObjectMapper json;

    ModelRegistry(TenantDatabase database, ArtefactStore artefacts, ObjectMapper json) {
        this.database = database;
        this.artefacts = artefacts;
        this.json = json;
    }

    /** The model with its bytes; fails with {@link ModelNotFoundException}. */
    public Uni<LoadedModel> load(String tenant, String digest) {
        return find(tenant, digest)
                .chain(model -> artefacts.get(digest).map(onnx -> new LoadedModel(onnx, model.manifest())));
    }

    /** The model without its bytes; fails with {@link ModelNotFoundException}. */
    public Uni<RegisteredModel> find(String tenant, String digest) {
        return database.inTransaction(tenant, connection -> find(connection, digest));
    }

    /** As {@link #find(String, String)}, within the caller's transaction. */
    public Uni<RegisteredModel> find(SqlConnection connection, String digest) {
        return connection
                .preparedQuery("select " + COLUMNS + " from model m where m.digest = $1")
                .execute(Tuple.of(digest))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw new ModelNotFoundException(digest);
                    }
                    return model(rows.iterator().next());
                });
    }

    /** True if the digest is that of a registered model, of its manifest, or of a package of the agent's software. */
    Uni<Boolean> serves(String tenant, String digest) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select 1 from model where digest = $1 or manifest_digest = $1"
                        + " union all select 1 from agent_package where digest = $1 limit 1")
                .execute(Tuple.of(digest))
                .map(rows -> rows.size() > 0));
    }

    /** A page of the registered models, newest first. */
    public Uni<List<RegisteredModel>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(
                        "select " + COLUMNS + " from model m order by m.created_at desc, m.digest limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<RegisteredModel> models = new ArrayList<>();
                    rows.forEach(row -> models.add(model(row)));
                    return models;
                }));
    }

    /**
     * Writes the row.
     *
     * @return false if the model was registered already; nothing is changed then
     */
    Uni<Boolean> insert(SqlConnection connection, RegisteredModel model) {
        return connection
                .preparedQuery(
                        "insert into model (tenant, digest, name, manifest, manifest_digest, manifest_size, size,"
                                + " source_digest) values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7)"
                                + " on conflict (tenant, digest) do nothing")
                .execute(Tuple.tuple(List.of(
                                model.manifest().digest(),
                                model.manifest().name(),
                                new JsonObject(text(model.manifest())),
                                model.manifestDigest(),
                                model.manifestSize(),
                                model.manifest().size()))
                        .addValue(model.sourceDigest().orElse(null)))
                .map(rows -> rows.rowCount() == 1);
    }

    /** The manifest as the artefact holds it. */
    String text(ModelManifest manifest) {
        try {
            return json.writeValueAsString(manifest);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("manifest of model " + manifest.digest() + " cannot be written as JSON", e);
        }
    }

    private RegisteredModel model(Row row) {
        String digest = row.getString("digest");
        try {
            return new RegisteredModel(
                    json.readerFor(ModelManifest.class) // a newer replica may have written more
                            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                            .readValue(row.getJsonObject("manifest").encode()),
                    row.getString("manifest_digest"),
                    row.getLong("manifest_size"),
                    Optional.ofNullable(row.getString("source_digest")),
                    row.getOffsetDateTime("created_at")
                            .withOffsetSameInstant(ZoneOffset.UTC)
                            .toInstant());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored manifest of model " + digest + " cannot be read", e);
        }
    }
}
