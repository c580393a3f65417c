package io.cema.cloud.model;

import io.cema.protocol.model.ModelManifest;
import java.time.Instant;
import java.util.Optional;

/**
 * A model of the registry, without its bytes.
 *
 * @param manifestDigest the artefact that holds exactly the manifest's bytes
 * @param manifestSize of that artefact, in bytes
 * @param sourceDigest the uploaded file, where normalisation layers had to be restored
 */
public record RegisteredModel(
        ModelManifest manifest,
        String manifestDigest,
        long manifestSize,
        Optional<String> sourceDigest,
        Instant createdAt) {}
