package io.cema.cloud.adaptation;

import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.LoadedModel;
import io.cema.cloud.model.ModelRegistry;
import io.cema.protocol.image.Image;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A loop's store in PostgreSQL and the artefact store, under a lease. One thread at a time. */
final class DurableLoopStore implements LoopStore {
    /** The service's rooms a loop needs. */
    record Rooms(LoopRepository repository, ModelRegistry models, ArtefactStore artefacts, long imageCacheBytes) {}

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Lease lease;
    private final LoopKey key;
    private final Rooms rooms;
    private final ImageCache images;
    /** The live version's checkpoint, which goes when the next one is stored. */
    private Optional<String> checkpoint = Optional.empty();

    DurableLoopStore(Lease lease, Rooms rooms) {
        this.lease = lease;
        this.key = lease.key();
        this.rooms = rooms;
        this.images = new ImageCache(rooms.artefacts(), rooms.imageCacheBytes());
    }

    @Override
    public LoopState state() {
        LoopState state = await(rooms.repository().state(key))
                .orElseThrow(() -> new IllegalStateException("loop " + key + " is no longer in the database"));
        checkpoint = state.checkpoint();
        return state;
    }

    @Override
    public LoadedModel edgeModel() {
        return await(rooms.models().load(key.tenant(), key.modelDigest()));
    }

    @Override
    public LoadedModel foundationModel(String digest) {
        return await(rooms.models().load(key.tenant(), digest));
    }

    @Override
    public Backlog backlog(int limit) {
        return await(rooms.repository().backlog(key, limit));
    }

    @Override
    public List<StoredSample> trained(int limit) {
        images.clear(); // some may have been erased
        return await(rooms.repository().trained(key, limit));
    }

    @Override
    public List<StoredSample> heldBack(long afterOrdinal, int limit) {
        return await(rooms.repository().heldBack(key, afterOrdinal, limit));
    }

    @Override
    public List<String> traces(long firstOrdinal, long lastOrdinal) {
        return await(rooms.repository().traces(key, firstOrdinal, lastOrdinal));
    }

    @Override
    public Image image(StoredSample sample) {
        return images.get(sample);
    }

    @Override
    public byte[] checkpoint(String digest) {
        return await(rooms.artefacts().get(digest));
    }

    @Override
    public void recordStep(long step, long lastOrdinal) {
        await(rooms.repository().recordStep(lease, step, lastOrdinal));
    }

    @Override
    public void status(String status, Optional<String> problem) {
        await(rooms.repository().status(lease, status, problem));
    }

    @Override
    public Publication publish(NewVersion version, byte[] twin) {
        String stored = await(rooms.artefacts().put(twin)).digest();
        LoopRepository.Published published = await(rooms.repository().publish(lease, version, stored));
        if (!published.candidate()) {
            checkpoint
                    .filter(old -> !old.equals(stored))
                    .ifPresent(old -> await(rooms.artefacts().delete(old)));
            checkpoint = Optional.of(stored);
        }
        return new Publication(published.epoch(), published.revision(), stored, published.candidate());
    }

    @Override
    public void announce() {
        await(rooms.repository().announce(lease));
    }

    @Override
    public void refuse(NewVersion version) {
        await(rooms.repository().refuse(lease, version));
    }

    @Override
    public List<StoredSample> unscored(int limit, boolean randomAlone) {
        return await(rooms.repository().unscored(key, limit, randomAlone));
    }

    @Override
    public void recordScores(List<Score> scores) {
        await(rooms.repository().recordScores(lease, scores));
    }

    @Override
    public List<StoredReport> statistics(int minutes) {
        return await(rooms.repository().statistics(key, minutes));
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(PATIENCE);
    }
}
