package io.cema.edge.device;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.storage.Damages;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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

    /**
     * Puts in use what of it is there and sound, each model with its last accepted update.
     *
     * @param most slots that are served
     * @return how each slot came out: one that is damaged leaves the others serving
     */
    public List<ModelProgress> serve(EngineFactory engines, ActiveModels models, GuardSettings guard, int most) {
        String topic = Topics.device(tenant, device, DeviceLeaf.DESIRED);
        DesiredStateStore store = new DesiredStateStore(folder, topic, keys, damages);
        List<Slot> whole = slots(store.load(), most);
        List<Slot> wished = store.loadPartial()
                .map(partial -> slots(Optional.of(partial), most))
                .orElse(whole);
        if (wished.isEmpty()) {
            LOG.warnf("%s holds nothing to serve", folder);
        }
        List<Optional<Slot>> before = SlotPairs.of(wished, whole, Function.identity());
        List<ActiveModels.Place> places = new ArrayList<>();
        List<ModelProgress> outcomes = new ArrayList<>();
        for (int i = 0; i < wished.size(); i++) {
            Slot slot = wished.get(i);
            ActiveModelHolder holder = new ActiveModelHolder();
            ModelProgress outcome = served(slot, engines, holder, guard);
            if (outcome.state() == ModelProgress.State.FAILED) {
                // What was never in force, or is damaged, leaves what was there before.
                before.get(i)
                        .filter(other -> !other.equals(slot))
                        .ifPresent(other -> served(other, engines, holder, guard));
            }
            outcomes.add(outcome);
            places.add(new ActiveModels.Place(slot.getCohort(), holder));
        }
        models.arrange(places);
        return outcomes;
    }

    private static List<Slot> slots(Optional<DesiredState> stored, int most) {
        return stored.map(state -> AcceptedSlots.of(state.getSlotsList(), most).slots())
                .orElse(List.of());
    }

    private ModelProgress served(Slot slot, EngineFactory engines, ActiveModelHolder holder, GuardSettings guard) {
        try {
            serve(slot, engines, holder, guard);
            return ModelProgress.of(DeviceEvent.Type.APPLIED, slot, "").received(slot.getModelSize());
        } catch (IOException | OnnxFormatException | InferenceException | IllegalArgumentException e) {
            LOG.errorf("slot %s cannot be served from disk: %s", slot.getCohort(), e.getMessage());
            return ModelProgress.of(
                    DeviceEvent.Type.FAILED, slot, "cannot be served from disk: " + SlotRunner.describe(e));
        }
    }

    private void serve(Slot slot, EngineFactory engines, ActiveModelHolder holder, GuardSettings guard)
            throws IOException {
        ModelManifest manifest = SlotManifest.of(slot, artefact(slot.getManifestDigest()));
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
                        AcceptedUpdates.open(SlotManifest.updatesFolder(folder, slot, manifest), damages),
                        new ShadowFrames(1),
                        guard)
                .start();
        LOG.infof("model %s is served from disk for cohort %s", manifest.name(), slot.getCohort());
    }

    private byte[] artefact(String digest) throws IOException {
        return artefacts
                .cached(digest)
                .orElseThrow(() -> new IOException("artefact " + digest + " is not there, or damaged"));
    }
}
