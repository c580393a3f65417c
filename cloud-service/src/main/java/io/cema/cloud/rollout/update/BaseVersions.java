package io.cema.cloud.rollout.update;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;

/** The version that changes nothing: a device that applies it runs its registered model. One per loop. */
final class BaseVersions {
    private static final String MARK = "{\"base\": true}";

    private BaseVersions() {}

    /** The loop's, made if it is not there yet. */
    static Uni<String> of(SqlConnection connection, Loop loop) {
        return connection
                .preparedQuery("select version from affine_version where cohort = $1 and model_digest = $2"
                        + " and metrics @> '" + MARK + "' limit 1")
                .execute(Tuple.of(loop.key().cohort(), loop.key().modelDigest()))
                .chain(rows -> rows.size() > 0
                        ? Uni.createFrom().item(rows.iterator().next().getString(0))
                        : create(connection, loop));
    }

    private static Uni<String> create(SqlConnection connection, Loop loop) {
        String version = UlidCreator.getMonotonicUlid().toString();
        return connection
                .preparedQuery("select manifest from model where digest = $1")
                .execute(Tuple.of(loop.key().modelDigest()))
                .map(rows -> nothing(rows.iterator().next().getJsonObject("manifest")))
                .chain(affine -> connection
                        .preparedQuery("insert into affine_version (tenant, version, cohort, model_digest, step,"
                                + " teacher_digest, affine, verdict, reason, metrics, fencing)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3, 0, $4, $5, 'PUBLISHED',"
                                + " 'the registered model', $6, $7)")
                        .execute(Tuple.tuple()
                                .addValue(version)
                                .addValue(loop.key().cohort())
                                .addValue(loop.key().modelDigest())
                                .addValue(loop.foundationDigest())
                                .addValue(Buffer.buffer(affine))
                                .addValue(new JsonObject(MARK))
                                .addValue(loop.fencing())))
                .replaceWith(version);
    }

    private static byte[] nothing(JsonObject manifest) {
        ModelManifest model = ModelManifest.fromJson(manifest.encode().getBytes(StandardCharsets.UTF_8));
        return AffineCodec.encode(new AffineParameters(model.layers().stream()
                .map(layer -> new AffineParameters.Layer(
                        layer.name(), new float[layer.channels()], new float[layer.channels()]))
                .toList()));
    }
}
