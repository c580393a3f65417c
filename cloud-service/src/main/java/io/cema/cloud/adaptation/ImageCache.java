package io.cema.cloud.adaptation;

import io.cema.cloud.model.ArtefactStore;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Decoded images of one loop, least recently used out first, bounded in bytes. One owner thread; reads block it. */
final class ImageCache {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ArtefactStore artefacts;
    private final long capacity;
    private final Map<String, Image> images = new LinkedHashMap<>(256, 0.75f, true);
    private long bytes;

    /** @param capacity bytes of pixels */
    ImageCache(ArtefactStore artefacts, long capacity) {
        this.artefacts = artefacts;
        this.capacity = capacity;
    }

    /** @throws RuntimeException if the artefact is gone or is not an image of its format; the message names the sample */
    Image get(StoredSample sample) {
        Image cached = images.get(sample.artefact());
        if (cached != null) {
            return cached;
        }
        byte[] encoded = artefacts.get(sample.artefact()).await().atMost(PATIENCE);
        Image image;
        try {
            image = ImageCodec.decode(sample.format(), encoded);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "sample " + sample.ordinal() + " (artefact " + sample.artefact() + "): " + e.getMessage(), e);
        }
        keep(sample.artefact(), image);
        return image;
    }

    void clear() {
        images.clear();
        bytes = 0;
    }

    private void keep(String artefact, Image image) {
        images.put(artefact, image);
        bytes += image.rgb().length;
        Iterator<Image> oldest = images.values().iterator();
        while (bytes > capacity && images.size() > 1) {
            bytes -= oldest.next().rgb().length;
            oldest.remove();
        }
    }
}
