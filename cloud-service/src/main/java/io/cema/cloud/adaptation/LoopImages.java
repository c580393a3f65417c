package io.cema.cloud.adaptation;

import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The images of a loop's uploads. One whose payload is gone or broken is left out, and the log says so. One thread. */
final class LoopImages {
    private static final Logger LOG = Logger.getLogger(LoopImages.class);

    private final LoopKey key;
    private final LoopStore store;

    LoopImages(LoopKey key, LoopStore store) {
        this.key = key;
        this.store = store;
    }

    List<LoadedSample> load(List<StoredSample> samples) {
        List<LoadedSample> loaded = new ArrayList<>(samples.size());
        for (StoredSample stored : samples) {
            of(stored).ifPresent(image -> loaded.add(new LoadedSample(stored, image)));
        }
        return loaded;
    }

    List<Image> of(List<StoredSample> samples) {
        return samples.stream().flatMap(stored -> of(stored).stream()).toList();
    }

    /** Empty if the payload is gone or broken: one bad upload must not stop the cohort. */
    Optional<Image> of(StoredSample stored) {
        try {
            return Optional.of(store.image(stored));
        } catch (RuntimeException e) {
            LOG.warnf("loop %s: left out: %s", key, e.getMessage());
            return Optional.empty();
        }
    }
}
