package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** The pairs of edge and foundation models. */
@ApplicationScoped
public class ModelPairs {
    private final TenantDatabase database;
    private final ModelRegistry models;

    ModelPairs(TenantDatabase database, ModelRegistry models) {
        this.database = database;
        this.models = models;
    }

    /** Creates it; fails with 404, 409 or 422 if a model is missing, the id taken or the classes differ. */
    Uni<ModelPair> create(String tenant, ModelPair pair) {
        return database.inTransaction(tenant, connection -> models.find(connection, pair.edge())
                .chain(edge -> models.find(connection, pair.foundation())
                        .invoke(foundation -> requireSameClasses(edge.manifest(), foundation.manifest())))
                .chain(() -> connection
                        .preparedQuery("insert into model_pair (tenant, id, edge_digest, foundation_digest)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict do nothing")
                        .execute(Tuple.of(pair.id(), pair.edge(), pair.foundation())))
                .map(rows -> {
                    if (rows.rowCount() == 0) {
                        throw ProblemException.conflict("a pair " + pair.id() + " exists already");
                    }
                    return pair;
                }));
    }

    /** Fails with 404. */
    public Uni<ModelPair> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery("select id, edge_digest, foundation_digest from model_pair where id = $1")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("no pair " + id + " exists; create it with POST /api/v1/pairs");
                    }
                    return pair(rows.iterator().next());
                });
    }

    Uni<ModelPair> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> find(connection, id));
    }

    Uni<List<ModelPair>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(
                        "select id, edge_digest, foundation_digest from model_pair order by id limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<ModelPair> pairs = new ArrayList<>();
                    rows.forEach(row -> pairs.add(pair(row)));
                    return pairs;
                }));
    }

    private static void requireSameClasses(ModelManifest edge, ModelManifest foundation) {
        if (edge.classes() != foundation.classes()) {
            throw differ("edge model " + edge.name() + " has " + edge.classes() + " classes, foundation model "
                    + foundation.name() + " has " + foundation.classes());
        }
        for (int c = 0; c < Math.min(edge.labels().size(), foundation.labels().size()); c++) {
            if (!edge.labels().get(c).equals(foundation.labels().get(c))) {
                throw differ("class " + c + " is '" + edge.labels().get(c) + "' in edge model " + edge.name() + " and '"
                        + foundation.labels().get(c) + "' in foundation model " + foundation.name());
            }
        }
        if (edge.labels().isEmpty() != foundation.labels().isEmpty()) {
            throw differ("only one of edge model " + edge.name() + " and foundation model " + foundation.name()
                    + " has class labels; register both with `labels`, or both without");
        }
    }

    private static ProblemException differ(String detail) {
        return ProblemException.unprocessable("classes-differ", "The models' classes differ", detail);
    }

    private static ModelPair pair(Row row) {
        return new ModelPair(row.getString("id"), row.getString("edge_digest"), row.getString("foundation_digest"));
    }
}
