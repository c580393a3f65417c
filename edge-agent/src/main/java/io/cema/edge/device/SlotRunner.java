package io.cema.edge.device;

import io.cema.edge.inference.InferenceException;
import io.cema.edge.selection.Domain;
import io.cema.edge.selection.DomainObserver;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jboss.logging.Logger;

/**
 * One slot: fetches its model, puts it in use with the last accepted update, and feeds arriving updates to its {@link
 * UpdateProcessor}. What cannot be fetched is tried again with back-off; until then, and for ever after a wish that
 * cannot be fulfilled, the model in use stays. What happens here holds up no other slot, but that one model is loaded at
 * a time, so that not all need the memory of two at once.
 *
 * <p>All work happens on one thread of its own. The methods return at once and may be called from anywhere.
 */
final class SlotRunner implements DomainObserver {
    private static final Logger LOG = Logger.getLogger(SlotRunner.class);

    private final SlotParts parts;
    private final Lock loading;
    private final Runnable changed;
    private final ActiveModelHolder holder;
    private final ShadowFrames shadow;
    private final SlotUpdates updates;
    private final ScheduledThreadPoolExecutor thread;
    /** As it is wished to be; for who decides what becomes of it. */
    private volatile Slot slot;

    /** As it is; the default instance before its first model. Written by the thread. */
    private volatile Slot inForce = Slot.getDefaultInstance();

    private volatile Standing standing = Standing.NONE;
    private volatile ModelProgress progress = ModelProgress.NONE;

    // Confined to the thread.
    private Wish wish;
    private UpdateProcessor processor;

    /**
     * What a stand-by serves for the slot serves on until its model is loaded.
     *
     * @param loading held by the slot that loads a model
     * @param changed called when the slot's standing is another; returns at once
     */
    SlotRunner(Slot slot, SlotParts parts, Lock loading, Runnable changed) {
        this.slot = slot;
        this.parts = parts;
        this.loading = loading;
        this.changed = changed;
        this.holder = parts.models().holder(Optional.of(slot.getCohort())).orElseGet(ActiveModelHolder::new);
        this.shadow = new ShadowFrames(parts.shadowFrames());
        this.thread = new SlotThread("cema-slot-" + slot.getCohort());
        this.updates = new SlotUpdates(parts.link(), thread, this::process, System::nanoTime);
        thread.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
    }

    /** To be made true from now on; what is in force already stays as it is. */
    void wish(long version, Slot wished) {
        slot = wished;
        execute(() -> {
            if (wish != null) {
                wish.cancelNext();
                wish = null;
            }
            if (wished.equals(inForce)) {
                stands(new Standing(version, true, ""));
            } else {
                wish = new Wish(version, wished);
                fulfil(wish);
            }
        });
    }

    /** Loads the model in use anew, from disk; if another one is wished that has to wait, tries that now. */
    void reload() {
        execute(() -> {
            if (wish == null && processor != null) {
                wish = new Wish(standing.version(), inForce);
            }
            if (wish != null) {
                fulfil(wish);
            }
        });
    }

    /** The disk can be written again: what had to wait for it is done now. */
    void diskRecovered() {
        execute(() -> {
            if (processor != null) {
                processor.diskRecovered().ifPresent(result -> parts.listener().update(result, inForce, 0));
            }
            if (wish != null) {
                fulfil(wish);
            }
        });
    }

    /** @return completes with what was taken back; empty without an update in use */
    CompletionStage<Optional<UpdateResult>> rollBack(String reason) {
        CompletableFuture<Optional<UpdateResult>> done = new CompletableFuture<>();
        execute(() -> {
            try {
                Optional<UpdateResult> result = processor == null ? Optional.empty() : processor.rollBack(reason);
                result.ifPresent(r -> parts.listener().update(r, inForce, 0));
                done.complete(result);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    Slot slot() {
        return slot;
    }

    Slot inForce() {
        return inForce;
    }

    Standing standing() {
        return standing;
    }

    ActiveModelHolder holder() {
        return holder;
    }

    /** How far the wished model is. */
    ModelProgress progress() {
        ModelProgress now = progress;
        return now.digest().isEmpty() ? now : now.received(parts.artefacts().received(now.digest()));
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
                processor.entered(domain).ifPresent(result -> parts.listener().update(result, inForce, 0));
            }
        });
    }

    /** Ends the slot, whatever it is at; its model closes when the last request is done. */
    void retire() {
        thread.shutdownNow();
        updates.close();
    }

    /** Ends the slot once what it is at is done. */
    void shutDown() {
        thread.shutdown();
    }

    /** After either: waits for the end, at most so long. The slot serves no more on return. */
    void awaitEnd(long millis) {
        try {
            if (!thread.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        holder.clear();
    }

    /** One thread; a model that comes into use while the slot ends is closed with it. */
    private final class SlotThread extends ScheduledThreadPoolExecutor {
        SlotThread(String name) {
            super(1, DaemonThreads.named(name));
        }

        @Override
        protected void terminated() {
            holder.clear();
        }
    }

    private void fulfil(Wish asked) {
        if (asked != wish) {
            return;
        }
        asked.cancelNext();
        try {
            activate(asked);
            wish = null;
            stands(new Standing(asked.version(), true, ""));
        } catch (IOException e) {
            retry(asked, e);
        } catch (OnnxFormatException | InferenceException | IllegalArgumentException e) {
            giveUp(asked, SlotRunner.describe(e));
        } catch (OutOfMemoryError e) {
            giveUp(asked, "not enough memory for it beside what is in use: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void retry(Wish asked, IOException cause) {
        if (thread.isShutdown()) {
            return;
        }
        String reason = describe(cause);
        Slot wished = asked.slot();
        long onDisk = parts.artefacts().received(wished.getManifestDigest())
                + parts.artefacts().received(wished.getModelDigest());
        long delay = asked.pause(cause, onDisk).toMillis();
        LOG.warnf("slot %s has to wait %d ms: %s", wished.getCohort(), delay, reason);
        stands(new Standing(asked.version(), false, reason));
        if (cause instanceof ArtefactException && asked.newFailure(reason)) {
            step(DeviceEvent.Type.FAILED, wished, reason);
        }
        try {
            asked.next(thread.schedule(() -> fulfil(asked), delay, TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    private void giveUp(Wish asked, String reason) {
        if (thread.isShutdown()) {
            return;
        }
        LOG.errorf("slot %s cannot be put in force: %s", asked.slot().getCohort(), reason);
        wish = null;
        stands(new Standing(asked.version(), false, reason));
        step(DeviceEvent.Type.FAILED, asked.slot(), reason);
    }

    private void stands(Standing next) {
        standing = next;
        changed.run();
    }

    private void step(DeviceEvent.Type type, Slot wished, String reason) {
        progress = ModelProgress.of(type, wished, reason);
        parts.listener().model(type, wished, reason);
    }

    private void activate(Wish asked) throws IOException, InterruptedException {
        Slot wished = asked.slot();
        boolean fetched = parts.artefacts().cached(wished.getModelDigest()).isEmpty();
        if (fetched && asked.firstDownload()) {
            step(DeviceEvent.Type.DOWNLOADING, wished, "");
        }
        ModelManifest manifest = SlotManifest.fetch(parts.artefacts(), wished);
        byte[] bytes = parts.artefacts().fetch(wished.getModelDigest(), wished.getModelSize());
        if (fetched) {
            step(DeviceEvent.Type.DOWNLOADED, wished, "");
        }
        boolean other = !inForce.getModelDigest().equals(wished.getModelDigest());
        loading.lockInterruptibly();
        try {
            load(wished, manifest, bytes, other);
        } finally {
            loading.unlock();
        }
        parts.artefacts().secure(wished.getModelDigest());
        parts.artefacts().secure(wished.getManifestDigest());
        Slot before = inForce;
        inForce = wished;
        progress = ModelProgress.of(DeviceEvent.Type.APPLIED, wished, "");
        if (other) {
            parts.listener().model(DeviceEvent.Type.APPLIED, wished, "");
        }
        updates.follow(
                wished.getAdaptation()
                        ? Topics.update(
                                parts.identity().tenant(), wished.getCohort(), manifest.digest(), wished.getChannel())
                        : "");
        parts.listener().activated(new ActivatedSlot(wished, before, manifest, shadow, this));
    }

    private void load(Slot wished, ModelManifest manifest, byte[] bytes, boolean other) throws IOException {
        AffineFolder folding = new AffineFolder(OnnxModel.parse(bytes));
        if (other) {
            folding.check(parts.engines().forChecks());
            shadow.clear();
            step(DeviceEvent.Type.VERIFIED, wished, "");
        }
        AdaptedSlot adapted = new AdaptedSlot(
                parts.identity().tenant(),
                wished.getCohort(),
                wished.getChannel(),
                UpdateRevision.of(wished.getFloor()),
                wished.getPinnedVersion(),
                manifest);
        UpdateProcessor next = new UpdateProcessor(
                adapted,
                folding,
                parts.engines(),
                parts.keys(),
                holder,
                AcceptedUpdates.open(SlotManifest.updatesFolder(parts.folder(), wished, manifest), parts.damages()),
                shadow,
                parts.guard(),
                parts.tracer());
        next.start();
        processor = next;
        parts.models().refresh();
        LOG.infof(
                "model %s (%s) is in use for cohort %s, %d of %d normalisation layers fold away",
                manifest.name(),
                manifest.shortDigest(),
                wished.getCohort(),
                folding.foldedLayers(),
                manifest.layers().size());
    }

    private void process(String topic, List<byte[]> payloads) {
        if (processor == null) {
            return;
        }
        List<UpdateResult> results = processor.process(topic, payloads);
        for (int i = 0; i < results.size(); i++) {
            parts.listener().update(results.get(i), inForce, payloads.get(i).length);
        }
    }

    private void everySecond() {
        try {
            updates.renew();
            if (processor != null) {
                processor.endProbation().ifPresent(result -> parts.listener().update(result, inForce, 0));
            }
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
                    LOG.errorf(e, "slot %s: unexpected failure; the model in use stays", slot.getCohort());
                    stands(new Standing(standing.version(), false, describe(e)));
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    static String describe(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
