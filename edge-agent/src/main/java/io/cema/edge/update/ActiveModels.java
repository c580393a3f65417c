package io.cema.edge.update;

import io.cema.protocol.model.ModelManifest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models in use, one for each slot, in the order of the desired state. A request finds its model by one read of an
 * immutable map; slots that come and go, and models that are replaced, put another map in its place. Any thread; reading
 * never blocks.
 */
public final class ActiveModels {
    private volatile Directory directory = Directory.of(List.of());

    /**
     * A slot and what holds its model.
     *
     * @param slot the cohort, which names a slot
     * @param holder may be empty: the slot's model is still on its way
     */
    public record Place(String slot, ActiveModelHolder holder) {}

    /** @param ambiguous names that several models go by; a digest tells them apart */
    private record Directory(List<Place> places, Map<String, ActiveModelHolder> byName, Set<String> ambiguous) {
        static Directory of(List<Place> places) {
            Map<String, ActiveModelHolder> byName = new HashMap<>();
            Set<String> ambiguous = new HashSet<>();
            for (Place place : places) {
                place.holder().lease().ifPresent(lease -> {
                    try (lease) {
                        for (String name : names(lease.model().manifest())) {
                            if (byName.putIfAbsent(name, place.holder()) != null) {
                                ambiguous.add(name);
                            }
                        }
                    }
                });
            }
            byName.keySet().removeAll(ambiguous);
            return new Directory(List.copyOf(places), Map.copyOf(byName), Set.copyOf(ambiguous));
        }
    }

    /** From now on these slots are served, and no other; models of others close when their last request is done. */
    public synchronized void arrange(List<Place> places) {
        List<Place> before = directory.places();
        directory = Directory.of(places);
        before.stream()
                .map(Place::holder)
                .filter(old -> places.stream().noneMatch(place -> place.holder() == old))
                .forEach(ActiveModelHolder::clear);
    }

    /** To be called after a holder got another model, or lost its own. */
    public synchronized void refresh() {
        directory = Directory.of(directory.places());
    }

    /** The slots, those whose model is still on its way included. */
    public List<Place> places() {
        return directory.places();
    }

    /** Whether any model is in use. */
    public boolean present() {
        return places().stream().anyMatch(place -> place.holder().present());
    }

    /** Leases a model by its name, digest or short digest; empty if none, or more than one, goes by it. */
    public Optional<ActiveModelHolder.Lease> lease(String name) {
        Directory now = directory;
        ActiveModelHolder holder = now.byName().get(name);
        if (holder != null) {
            Optional<ActiveModelHolder.Lease> lease = named(holder, name);
            if (lease.isPresent()) {
                return lease;
            }
        }
        // Between a swap and the map that goes with it.
        return now.ambiguous().contains(name)
                ? Optional.empty()
                : now.places().stream()
                        .map(place -> named(place.holder(), name))
                        .flatMap(Optional::stream)
                        .findFirst();
    }

    /** Whether several models go by that name. */
    public boolean ambiguous(String name) {
        return directory.ambiguous().contains(name);
    }

    /** What holds the model of a slot; of the first one if none is named. */
    public Optional<ActiveModelHolder> holder(Optional<String> slot) {
        return places().stream()
                .filter(place -> slot.isEmpty() || place.slot().equals(slot.get()))
                .map(Place::holder)
                .findFirst();
    }

    private static Optional<ActiveModelHolder.Lease> named(ActiveModelHolder holder, String name) {
        Optional<ActiveModelHolder.Lease> lease = holder.lease();
        if (lease.isPresent() && !goesBy(lease.get().model().manifest(), name)) {
            lease.get().close();
            return Optional.empty();
        }
        return lease;
    }

    private static boolean goesBy(ModelManifest manifest, String name) {
        return name.equals(manifest.name()) || name.equals(manifest.digest()) || name.equals(manifest.shortDigest());
    }

    private static Set<String> names(ModelManifest manifest) {
        return new LinkedHashSet<>(List.of(manifest.name(), manifest.digest(), manifest.shortDigest()));
    }
}
