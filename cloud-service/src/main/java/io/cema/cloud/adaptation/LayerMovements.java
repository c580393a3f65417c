package io.cema.cloud.adaptation;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;

/** What a version changed, layer by layer, read from the bytes that the devices got. Any thread. */
@ApplicationScoped
class LayerMovements {
    private static final String SQL = "select v.model_digest, v.affine, p.affine as parent_affine from affine_version v"
            + " left join affine_version p on p.tenant = v.tenant and p.version = v.parent"
            + " and p.model_digest = v.model_digest where v.version = $1";

    private final TenantDatabase database;
    private final ModelRegistry models;

    LayerMovements(TenantDatabase database, ModelRegistry models) {
        this.database = database;
        this.models = models;
    }

    /** Fails with 404 if there is no such version, or it was refused before it was encoded. */
    Uni<List<LayerMovement>> of(String tenant, String version) {
        return database.inTransaction(
                tenant, c -> c.preparedQuery(SQL).execute(Tuple.of(version)).chain(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("there is no update " + version);
                    }
                    Row row = rows.iterator().next();
                    Buffer affine = row.getBuffer("affine");
                    if (affine == null) {
                        throw ProblemException.notFound("update " + version
                                + " has no parameters: it was refused before they were encoded; its reason says why");
                    }
                    return models.find(c, row.getString("model_digest"))
                            .map(model -> movements(
                                    affine,
                                    row.getBuffer("parent_affine"),
                                    model.manifest().layers()));
                }));
    }

    private static List<LayerMovement> movements(Buffer affine, Buffer parent, List<NormLayer> layers) {
        List<AffineParameters> differences = experts(affine, layers);
        List<AffineParameters> before = parent == null ? List.of() : experts(parent, layers);
        return LayerMovement.of(
                layers,
                differences,
                differences.stream().map(d -> sinceNearest(d, before)).toList());
    }

    private static List<AffineParameters> experts(Buffer affine, List<NormLayer> layers) {
        return AdaptationCodec.decode(affine.getBytes(), layers).experts().stream()
                .map(Expert::affine)
                .toList();
    }

    /** Experts have no names: each is taken to have gone on from the parent's that is nearest to it. */
    private static AffineParameters sinceNearest(AffineParameters difference, List<AffineParameters> before) {
        return before.stream()
                .map(difference::minus)
                .min(Comparator.comparingDouble(LayerMovement::squares))
                .orElse(difference);
    }
}
