package io.cema.edge.device;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.selection.Domain;
import io.cema.edge.selection.DomainObserver;
import io.cema.edge.storage.Damages;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Makes the desired state true: fetches the slot's model, puts it in use with the last accepted update, and feeds
 * arriving updates to the slot's {@link UpdateProcessor}. What cannot be fetched is tried again with back-off; until then,
 * and for ever after a wish that cannot be fulfilled, the model in use stays.
 *
 * <p>All work happens on one thread of its own. The public methods return at once and may be called from anywhere.
 */
public final class SlotController implements AutoCloseable, DomainObserver {
    private static final Logger LOG = Logger.getLogger(SlotController.class);
    private static final long PROBATION_SECONDS = 1;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "cema-slot");
        created.setDaemon(true);
        return created;
    });
    private final DeviceIdentity identity;
    private final Path folder;
    private final MqttLink link;
    private final TrustedKeys keys;
    private final ArtefactCache artefacts;
    private final EngineFactory engines;
    private final ActiveModelHolder holder;
    private final ShadowFrames shadow;
    private final GuardSettings guard;
    private final SlotListener listener;
    private final Damages damages;
    private final DesiredStateStore store;
    private final String desiredTopic;
    private final Burst desiredStates;
    private volatile ModelProgress progress = ModelProgress.NONE;

    // Confined to the thread.
    private Wish wish;
    private DesiredState inForce;
    private UpdateProcessor processor;
    private String modelInUse = "";
    private String subscribedTopic = "";
    private MqttLink.Subscription subscription;
    /** In force, but not on disk yet. */
    private Optional<byte[]> unsaved = Optional.empty();

    /** @param folder where desired state and accepted updates are kept */
    public SlotController(
            DeviceIdentity identity,
            Path folder,
            MqttLink link,
            TrustedKeys keys,
            ArtefactCache artefacts,
            EngineFactory engines,
            ActiveModelHolder holder,
            ShadowFrames shadow,
            GuardSettings guard,
            SlotListener listener,
            Damages damages) {
        this.identity = identity;
        this.folder = folder;
        this.link = link;
        this.keys = keys;
        this.artefacts = artefacts;
        this.engines = engines;
        this.holder = holder;
        this.shadow = shadow;
        this.guard = guard;
        this.listener = listener;
        this.damages = damages;
        this.desiredTopic = Topics.device(identity.tenant(), identity.device(), DeviceLeaf.DESIRED);
        this.store = new DesiredStateStore(folder, desiredTopic, keys, damages);
        this.desiredStates = new Burst(thread, this::takeNewest);
    }

    /** Takes up what was in force before the last stop, then listens to the cloud. */
    public void start() {
        execute(this::resume);
        link.subscribe(desiredTopic, 1, this::onDesired);
        thread.scheduleWithFixedDelay(this::endProbation, PROBATION_SECONDS, PROBATION_SECONDS, TimeUnit.SECONDS);
    }

    /** Loads the model in use anew, from disk; if another one is wished that has to wait, tries that now. */
    public void reload() {
        execute(() -> {
            if (wish == null && inForce != null) {
                wish = new Wish(inForce, Optional.empty());
            }
            if (wish != null) {
                fulfil(wish);
            }
        });
    }

    /** The disk can be written again: what had to wait for it is done now. */
    public void diskRecovered() {
        execute(() -> {
            unsaved.ifPresent(this::save);
            if (processor != null) {
                processor.diskRecovered().ifPresent(result -> listener.update(result, 0));
            }
            if (wish != null) {
                fulfil(wish);
            }
        });
    }

    /**
     * Takes the update in use back to the one before it, or to the base model.
     *
     * @return completes with what was taken back; empty without an update in use
     */
    public CompletionStage<Optional<UpdateResult>> rollBack(String reason) {
        CompletableFuture<Optional<UpdateResult>> done = new CompletableFuture<>();
        execute(() -> {
            try {
                Optional<UpdateResult> result = processor == null ? Optional.empty() : processor.rollBack(reason);
                result.ifPresent(r -> listener.update(r, 0));
                done.complete(result);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** How far the wished model is; any thread may ask. */
    public ModelProgress progress() {
        ModelProgress now = progress;
        return now.digest().isEmpty() ? now : now.received(artefacts.received(now.digest()));
    }

    /** The camera's view has changed, see {@link UpdateProcessor#left}. */
    @Override
    public void left(Domain domain) {
        execute(() -> {
            if (processor != null) {
                processor.left(domain);
            }
        });
    }

    /** A domain is back, see {@link UpdateProcessor#entered}. */
    @Override
    public void entered(Domain domain) {
        execute(() -> {
            if (processor != null) {
                processor.entered(domain).ifPresent(result -> listener.update(result, 0));
            }
        });
    }

    /** Ends the thread and closes the model in use when its last request is done. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        holder.clear();
    }

    private void resume() {
        store.load().ifPresent(stored -> {
            listener.wished(stored);
            wish = new Wish(stored, Optional.empty());
            fulfil(wish);
        });
    }

    private void onDesired(IncomingMessage message) {
        // Retained, so it comes again with every connect: nothing is lost by letting the broker forget it, while
        // holding
        // its PUBACK through a download would hold up the samples' acks behind it.
        message.acknowledge();
        byte[] payload = message.payload();
        // A cleared retained message: the cloud has nothing to say, which is not the wish to stop serving.
        if (payload.length > 0) {
            execute(() -> desiredStates.add(payload));
        }
    }

    /** Of several states only the newest counts: those before it are history by now. */
    private void takeNewest(List<byte[]> envelopes) {
        Optional<Wish> newest = Optional.empty();
        for (byte[] envelope : envelopes) {
            try {
                DesiredState desired = store.open(envelope);
                if (newest.isEmpty()
                        || Long.compareUnsigned(
                                        desired.getVersion(),
                                        newest.get().desired().getVersion())
                                >= 0) {
                    newest = Optional.of(new Wish(desired, Optional.of(envelope)));
                }
            } catch (EnvelopeException e) {
                LOG.warnf("desired state refused: %s", e.getMessage());
                listener.problem("desired state refused: " + e.getMessage());
            }
        }
        newest.ifPresent(this::take);
    }

    private void take(Wish arrived) {
        DesiredState desired = arrived.desired();
        DesiredState newest = wish != null ? wish.desired() : inForce;
        if (newest != null && Long.compareUnsigned(desired.getVersion(), newest.getVersion()) < 0) {
            LOG.warnf("desired state %d is older than %d and ignored", desired.getVersion(), newest.getVersion());
            return;
        }
        if (desired.equals(inForce) && (wish == null || desired.equals(wish.desired()))) {
            return;
        }
        listener.wished(desired);
        wish = arrived;
        fulfil(wish);
    }

    private void fulfil(Wish asked) {
        if (asked != wish) {
            return;
        }
        asked.cancelNext();
        DesiredState desired = asked.desired();
        if (desired.getSlotsCount() > 1) {
            giveUp(
                    asked,
                    desired.getSlots(0),
                    "this agent runs one model, the desired state has " + desired.getSlotsCount() + " slots");
            return;
        }
        try {
            if (desired.getSlotsCount() == 0) {
                empty();
                listener.emptied(desired.getVersion());
            } else {
                ModelManifest manifest = activate(asked, desired.getSlots(0));
                listener.activated(new ActivatedSlot(desired.getVersion(), desired.getSlots(0), manifest));
            }
            if (asked.envelope().isPresent()) {
                save(asked.envelope().get());
                forgetAllBut(desired, inForce);
            }
            inForce = desired;
            wish = null;
            listener.problem("");
        } catch (IOException e) {
            retry(asked, e);
        } catch (OnnxFormatException | InferenceException | IllegalArgumentException e) {
            giveUp(asked, desired.getSlots(0), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is in force stays so on a disk that cannot be written, and is written down when it can. */
    private void save(byte[] envelope) {
        unsaved = Optional.of(envelope);
        try {
            store.save(envelope);
            unsaved = Optional.empty();
        } catch (IOException e) {
            LOG.warnf("the desired state in force is not on disk yet: %s", describe(e));
        }
    }

    /** The model before stays on disk, for a way back that costs nothing. */
    private void forgetAllBut(DesiredState now, DesiredState before) {
        Set<String> needed = new HashSet<>();
        for (DesiredState state : before == null ? List.of(now) : List.of(now, before)) {
            for (Slot slot : state.getSlotsList()) {
                needed.add(slot.getModelDigest());
                needed.add(slot.getManifestDigest());
            }
        }
        try {
            artefacts.keepOnly(needed);
        } catch (IOException e) {
            LOG.warnf("old models stay on the disk: %s", describe(e));
        }
    }

    private void retry(Wish asked, IOException cause) {
        String reason = describe(cause);
        long onDisk = 0;
        for (Slot slot : asked.desired().getSlotsList()) {
            onDisk += artefacts.received(slot.getManifestDigest()) + artefacts.received(slot.getModelDigest());
        }
        if (cause instanceof ArtefactException && asked.newFailure(reason)) {
            step(DeviceEvent.Type.FAILED, asked.desired().getSlots(0), reason);
        }
        long delay = asked.pause(cause, onDisk).toMillis();
        LOG.warnf("desired state %d has to wait %d ms: %s", asked.desired().getVersion(), delay, reason);
        listener.problem(reason);
        try {
            asked.next(thread.schedule(() -> fulfil(asked), delay, TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    private void giveUp(Wish asked, Slot slot, String reason) {
        LOG.errorf(
                "desired state %d cannot be put in force: %s", asked.desired().getVersion(), reason);
        wish = null;
        step(DeviceEvent.Type.FAILED, slot, reason);
        listener.problem(reason);
    }

    private void step(DeviceEvent.Type type, Slot slot, String reason) {
        progress = ModelProgress.of(type, slot, reason);
        listener.model(type, slot, reason);
    }

    private ModelManifest activate(Wish asked, Slot slot) throws IOException, InterruptedException {
        boolean fetched = artefacts.cached(slot.getModelDigest()).isEmpty();
        if (fetched && asked.firstDownload()) {
            step(DeviceEvent.Type.DOWNLOADING, slot, "");
        }
        ModelManifest manifest = manifest(slot);
        byte[] bytes = artefacts.fetch(slot.getModelDigest(), slot.getModelSize());
        if (fetched) {
            step(DeviceEvent.Type.DOWNLOADED, slot, "");
        }
        AffineFolder folding = new AffineFolder(OnnxModel.parse(bytes));
        boolean other = !modelInUse.equals(slot.getModelDigest());
        if (other) {
            folding.check(engines.forChecks());
            shadow.clear();
            step(DeviceEvent.Type.VERIFIED, slot, "");
        }
        AdaptedSlot adapted = new AdaptedSlot(
                identity.tenant(),
                slot.getCohort(),
                slot.getChannel(),
                UpdateRevision.of(slot.getFloor()),
                slot.getPinnedVersion(),
                manifest);
        UpdateProcessor next = new UpdateProcessor(
                adapted,
                folding,
                engines,
                keys,
                holder,
                AcceptedUpdates.open(updatesFolder(folder, slot, manifest), damages),
                shadow,
                guard);
        next.start();
        processor = next;
        modelInUse = slot.getModelDigest();
        artefacts.secure(slot.getModelDigest());
        artefacts.secure(slot.getManifestDigest());
        progress = ModelProgress.of(DeviceEvent.Type.APPLIED, slot, "");
        if (other) {
            listener.model(DeviceEvent.Type.APPLIED, slot, "");
        }
        LOG.infof(
                "model %s (%s) is in use for cohort %s, %d of %d normalisation layers fold away",
                manifest.name(),
                manifest.shortDigest(),
                slot.getCohort(),
                folding.foldedLayers(),
                manifest.layers().size());
        listenForUpdates(slot, manifest);
        return manifest;
    }

    private ModelManifest manifest(Slot slot) throws IOException, InterruptedException {
        return manifest(slot, artefacts.fetch(slot.getManifestDigest(), slot.getManifestSize()));
    }

    static ModelManifest manifest(Slot slot, byte[] bytes) {
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

    static Path updatesFolder(Path folder, Slot slot, ModelManifest manifest) {
        return folder.resolve("updates")
                .resolve(manifest.shortDigest() + "-" + slot.getCohort() + "-" + slot.getChannel());
    }

    private void listenForUpdates(Slot slot, ModelManifest manifest) {
        String topic = slot.getAdaptation()
                ? Topics.update(identity.tenant(), slot.getCohort(), manifest.digest(), slot.getChannel())
                : "";
        if (topic.equals(subscribedTopic)) {
            return;
        }
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
        subscribedTopic = topic;
        if (!topic.isEmpty()) {
            Burst updates = new Burst(thread, payloads -> process(topic, payloads));
            subscription = link.subscribe(topic, 1, message -> onUpdate(message, updates));
        }
    }

    private void empty() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
        subscribedTopic = "";
        processor = null;
        modelInUse = "";
        progress = ModelProgress.NONE;
        holder.clear();
    }

    private void onUpdate(IncomingMessage message, Burst updates) {
        // Retained as well.
        message.acknowledge();
        byte[] payload = message.payload();
        if (payload.length > 0) {
            execute(() -> updates.add(payload));
        }
    }

    private void process(String topic, List<byte[]> payloads) {
        if (processor == null || !topic.equals(subscribedTopic)) {
            return;
        }
        List<UpdateResult> results = processor.process(topic, payloads);
        for (int i = 0; i < results.size(); i++) {
            listener.update(results.get(i), payloads.get(i).length);
        }
    }

    private void endProbation() {
        if (processor == null) {
            return;
        }
        try {
            Optional<UpdateResult> result = processor.endProbation();
            result.ifPresent(r -> listener.update(r, 0));
        } catch (IOException | RuntimeException e) {
            // A scheduled task that throws would never run again.
            LOG.errorf(e, "the update in use could not be judged");
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.errorf(e, "slot: unexpected failure; the model in use stays");
                    listener.problem(describe(e));
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    private static String describe(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
