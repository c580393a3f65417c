package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Path;

/** The manifest of a slot's model, and where what belongs to it lies. */
final class SlotManifest {
    private SlotManifest() {}

    /** @throws IllegalArgumentException if it cannot be read, or is of another model */
    static ModelManifest fetch(ArtefactCache artefacts, Slot slot) throws IOException, InterruptedException {
        return of(slot, artefacts.fetch(slot.getManifestDigest(), slot.getManifestSize()));
    }

    /** @throws IllegalArgumentException if it cannot be read, or is of another model */
    static ModelManifest of(Slot slot, byte[] bytes) {
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

    /** Where the accepted updates of a slot's model are kept. */
    static Path updatesFolder(Path folder, Slot slot, ModelManifest manifest) {
        return folder.resolve("updates")
                .resolve(manifest.shortDigest() + "-" + slot.getCohort() + "-" + slot.getChannel());
    }
}
