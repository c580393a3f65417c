package io.cema.cloud.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cema.protocol.model.ModelManifest;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A model as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A registered model")
record ModelView(
        @Schema(description = "SHA-256 of the ONNX artefact: the model's identity") String digest,
        String name,
        @Schema(description = "Derived from the graph: input, classes, normalisation layers") ModelManifest manifest,
        @Schema(description = "Artefact that holds the manifest") String manifestDigest,
        long manifestSize,
        @Schema(description = "The file handed in, where normalisation layers had to be restored")
                Optional<String> sourceDigest,
        @Schema(description = "Channels over all normalisation layers: two numbers each make an update") int channels,
        @Schema(description = "Normalisation layers that were restored from images") long restoredLayers,
        Instant createdAt) {
    static ModelView of(RegisteredModel model) {
        ModelManifest manifest = model.manifest();
        return new ModelView(
                manifest.digest(),
                manifest.name(),
                manifest,
                model.manifestDigest(),
                model.manifestSize(),
                model.sourceDigest(),
                manifest.channels(),
                manifest.layers().stream().filter(layer -> layer.restored()).count(),
                model.createdAt());
    }
}
