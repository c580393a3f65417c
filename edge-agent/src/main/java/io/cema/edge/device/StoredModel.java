package io.cema.edge.device;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.storage.Damages;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What was in force at the last stop, from the disk alone: for an agent whose disk cannot be written, and which for that
 * reason can neither count its connections nor spool. Needs to write nothing; signatures and digests are checked as ever.
 */
public final class StoredModel {
    private static final Logger LOG = Logger.getLogger(StoredModel.class);

    private final String tenant;
    private final String device;
    private final Path folder;
    private final TrustedKeys keys;
    private final ArtefactCache artefacts;
    private final Damages damages;

    /** @param folder the agent's */
    public StoredModel(
            String tenant, String device, Path folder, TrustedKeys keys, ArtefactCache artefacts, Damages damages) {
        this.tenant = tenant;
        this.device = device;
        this.folder = folder;
        this.keys = keys;
        this.artefacts = artefacts;
        this.damages = damages;
    }

    /** Puts it in use, with the last accepted update, if it is there and sound. */
    public void serve(EngineFactory engines, ActiveModelHolder holder, GuardSettings guard) {
        String topic = Topics.device(tenant, device, DeviceLeaf.DESIRED);
        Optional<DesiredState> stored = new DesiredStateStore(folder, topic, keys, damages).load();
        if (stored.isEmpty() || stored.get().getSlotsCount() == 0) {
            LOG.warnf("%s holds nothing to serve", folder);
            return;
        }
        Slot slot = stored.get().getSlots(0);
        try {
            serve(slot, engines, holder, guard);
        } catch (IOException | OnnxFormatException | InferenceException | IllegalArgumentException e) {
            LOG.errorf("model %s cannot be served from disk: %s", slot.getModelDigest(), e.getMessage());
        }
    }

    private void serve(Slot slot, EngineFactory engines, ActiveModelHolder holder, GuardSettings guard)
            throws IOException {
        ModelManifest manifest = SlotController.manifest(slot, artefact(slot.getManifestDigest()));
        AdaptedSlot adapted = new AdaptedSlot(
                tenant,
                slot.getCohort(),
                slot.getChannel(),
                UpdateRevision.of(slot.getFloor()),
                slot.getPinnedVersion(),
                manifest);
        new UpdateProcessor(
                        adapted,
                        new AffineFolder(OnnxModel.parse(artefact(slot.getModelDigest()))),
                        engines,
                        keys,
                        holder,
                        AcceptedUpdates.open(SlotController.updatesFolder(folder, slot, manifest), damages),
                        new ShadowFrames(1),
                        guard)
                .start();
        LOG.infof("model %s is served from disk", manifest.name());
    }

    private byte[] artefact(String digest) throws IOException {
        return artefacts
                .cached(digest)
                .orElseThrow(() -> new IOException("artefact " + digest + " is not there, or damaged"));
    }
}
