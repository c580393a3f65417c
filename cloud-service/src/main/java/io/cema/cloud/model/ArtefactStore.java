package io.cema.cloud.model;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * Immutable bytes by the SHA-256 of their content: models, manifests, images, checkpoints. Storing the same bytes twice
 * is one artefact. All methods may be called from any thread and never block it; results arrive on the caller's Vert.x
 * context if it has one, else on a worker thread.
 */
public interface ArtefactStore {
    /**
     * Stores and makes durable: when the result arrives, the bytes survive a power cut.
     *
     * @return digest (64 lower-case hex digits) and size
     */
    Uni<Artefact> put(byte[] content);

    /** The whole content; fails with {@link ArtefactNotFoundException}. */
    Uni<byte[]> get(String digest);

    /** Size without reading, or empty if there is no such artefact. */
    Uni<Optional<Artefact>> find(String digest);

    /**
     * Up to {@code length} bytes from {@code offset}, fewer only at the end; fails with {@link
     * ArtefactNotFoundException}.
     */
    Uni<byte[]> read(String digest, long offset, int length);

    /** Removes it; no error if it is gone already. Callers see to it that nothing refers to it any more. */
    Uni<Void> delete(String digest);
}
