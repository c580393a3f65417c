package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import java.io.IOException;

/** The manifest of a slot's model. */
final class SlotManifest {
    private SlotManifest() {}

    /** @throws IllegalArgumentException if it cannot be read, or is of another model */
    static ModelManifest fetch(ArtefactCache artefacts, Slot slot) throws IOException, InterruptedException {
        byte[] bytes = artefacts.fetch(slot.getManifestDigest(), slot.getManifestSize());
        ModelManifest manifest;
        try {
            manifest = ModelManifest.fromJson(bytes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "manifest " + slot.getManifestDigest() + " cannot be read: " + e.getMessage(), e);
        }
        if (!manifest.digest().equals(slot.getModelDigest())) {
            throw new IllegalArgumentException("manifest " + slot.getManifestDigest() + " is of model "
                    + manifest.digest() + ", the slot's is " + slot.getModelDigest());
        }
        return manifest;
    }
}
