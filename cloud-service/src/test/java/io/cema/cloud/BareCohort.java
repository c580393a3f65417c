package io.cema.cloud;

import io.cema.protocol.model.Digests;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.Preprocessing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A cohort as rows alone, for tests that need no model: made in no time. */
public final class BareCohort {
    private BareCohort() {}

    /** @return the digest that stands for its model */
    public static String add(TestSamples rows, String id, String... devices) {
        String digest = Digests.hex(id.getBytes(StandardCharsets.UTF_8));
        ModelManifest manifest = new ModelManifest(
                digest,
                id,
                1,
                17,
                "input",
                32,
                32,
                "logits",
                10,
                List.of(),
                new Preprocessing(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25)),
                List.of(new NormLayer("bn", NormKind.BATCH, 8, 1e-5, false)));
        rows.execute(
                "insert into model (tenant, digest, name, manifest, manifest_digest, manifest_size, size)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $1, 1, 1)",
                digest,
                id,
                new JsonObject(Buffer.buffer(manifest.toJson())));
        rows.execute(
                "insert into model_pair (tenant, id, edge_digest, foundation_digest)"
                        + " values (current_setting('cema.tenant'), $1, $2, $2)",
                id,
                digest);
        rows.execute("insert into cohort (tenant, id, pair) values (current_setting('cema.tenant'), $1, $1)", id);
        rows.execute(
                "insert into adaptation_loop (tenant, cohort, model_digest, foundation_digest)"
                        + " values (current_setting('cema.tenant'), $1, $2, $2)",
                id,
                digest);
        for (String device : devices) {
            rows.execute(
                    "insert into device (tenant, id, cohort) values (current_setting('cema.tenant'), $1, $2)",
                    device,
                    id);
        }
        return digest;
    }
}
