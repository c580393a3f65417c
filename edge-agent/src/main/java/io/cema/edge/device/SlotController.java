package io.cema.edge.device;

import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.UpdateResult;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Slot;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Makes the desired state true: has a {@link SlotRunner} for each of its slots, tells it what is wished, and writes down
 * what is in force. Slots do not wait for one another, and one that fails leaves the others as they are.
 *
 * <p>All work happens on one thread of its own. The public methods return at once and may be called from anywhere.
 */
public final class SlotController implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SlotController.class);
    private static final long PATIENCE_MILLIS = 5000;
    private static final long DISK_RETRY_SECONDS = 10;

    private final ScheduledExecutorService thread = DaemonThreads.timer("cema-slots");
    private final SlotParts parts;
    private final DesiredStateStore store;
    private final String desiredTopic;
    private final Burst desiredStates;
    private final Lock loading = new ReentrantLock();
    /** In the order of the desired state. */
    private volatile List<SlotRunner> runners = List.of();

    // Confined to the thread.
    private DesiredState wished;
    private Optional<byte[]> envelope = Optional.empty();
    private List<String> refused = List.of();
    private DesiredState inForce;
    /** In force, but not on disk yet. */
    private Optional<byte[]> unsaved = Optional.empty();

    private boolean savedInPart;
    private boolean retryPending;
    private String problem = "";

    public SlotController(SlotParts parts) {
        this.parts = parts;
        DeviceIdentity identity = parts.identity();
        this.desiredTopic = Topics.device(identity.tenant(), identity.device(), DeviceLeaf.DESIRED);
        this.store = new DesiredStateStore(parts.folder(), desiredTopic, parts.keys(), parts.damages());
        this.desiredStates = new Burst(thread, this::takeNewest);
    }

    /** Takes up what was in force before the last stop, then listens to the cloud. */
    public void start() {
        execute(this::resume);
        parts.link().subscribe(desiredTopic, 1, this::onDesired);
    }

    /** Loads the models in use anew, from disk; where another one is wished that has to wait, tries that now. */
    public void reload() {
        runners.forEach(SlotRunner::reload);
    }

    /** The disk can be written again: what had to wait for it is done now. */
    public void diskRecovered() {
        execute(() -> {
            save();
            review();
        });
        runners.forEach(SlotRunner::diskRecovered);
    }

    /**
     * Takes the update in use of a slot back to the one before it, or to the base model.
     *
     * @param slot its cohort; empty for the only one
     * @return completes with what was taken back; empty without an update in use; fails with an IllegalArgumentException
     *     if it is not clear which slot is meant
     */
    public CompletionStage<Optional<UpdateResult>> rollBack(Optional<String> slot, String reason) {
        List<SlotRunner> now = runners;
        List<String> names =
                now.stream().map(runner -> runner.slot().getCohort()).toList();
        if (slot.isEmpty() && now.size() > 1) {
            return CompletableFuture.failedFuture(new IllegalArgumentException(
                    "this device has several slots; the argument slot says which one: " + names));
        }
        Optional<SlotRunner> meant = now.stream()
                .filter(r -> slot.isEmpty() || r.slot().getCohort().equals(slot.get()))
                .findFirst();
        if (slot.isPresent() && meant.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("there is no slot " + slot.get() + "; there are " + names));
        }
        return meant.map(runner -> runner.rollBack(reason))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    /** How far the wished models are, in the order of the desired state; any thread may ask. */
    public List<ModelProgress> progress() {
        return runners.stream().map(SlotRunner::progress).toList();
    }

    /** Ends the threads and closes the models in use when their last request is done. */
    @Override
    public void close() {
        thread.shutdownNow();
        List<SlotRunner> last = runners;
        last.forEach(SlotRunner::shutDown);
        last.forEach(runner -> runner.awaitEnd(PATIENCE_MILLIS));
    }

    private void resume() {
        store.load().ifPresent(stored -> take(stored, Optional.empty()));
        store.loadPartial().ifPresent(stored -> take(stored, Optional.empty()));
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
        DesiredState newest = null;
        byte[] bytes = null;
        for (byte[] arrived : envelopes) {
            try {
                DesiredState desired = store.open(arrived);
                if (newest == null || Long.compareUnsigned(desired.getVersion(), newest.getVersion()) >= 0) {
                    newest = desired;
                    bytes = arrived;
                }
            } catch (EnvelopeException e) {
                LOG.warnf("desired state refused: %s", e.getMessage());
                say("desired state refused: " + e.getMessage());
            }
        }
        if (newest != null) {
            take(newest, Optional.of(bytes));
        }
    }

    /** @param bytes as it came, to be kept once in force; empty if it is kept already */
    private void take(DesiredState desired, Optional<byte[]> bytes) {
        if (wished != null && Long.compareUnsigned(desired.getVersion(), wished.getVersion()) < 0) {
            LOG.warnf("desired state %d is older than %d and ignored", desired.getVersion(), wished.getVersion());
            return;
        }
        if (desired.equals(inForce) && desired.equals(wished)) {
            return;
        }
        parts.listener().wished(desired);
        wished = desired;
        envelope = bytes;
        savedInPart = false;
        arrange(desired);
        review();
    }

    private void arrange(DesiredState desired) {
        List<Slot> slots = accept(desired);
        List<SlotRunner> before = runners;
        List<SlotRunner> next = new ArrayList<>();
        for (Optional<SlotRunner> pair : SlotPairs.of(slots, before, SlotRunner::slot)) {
            next.add(pair.orElseGet(
                    () -> new SlotRunner(slots.get(next.size()), parts, loading, () -> execute(this::review))));
        }
        runners = List.copyOf(next);
        for (int i = 0; i < slots.size(); i++) {
            next.get(i).wish(desired.getVersion(), slots.get(i));
        }
        parts.models()
                .arrange(next.stream()
                        .map(runner -> new ActiveModels.Place(runner.slot().getCohort(), runner.holder()))
                        .toList());
        for (SlotRunner runner : before) {
            if (!next.contains(runner)) {
                runner.retire();
                runner.awaitEnd(PATIENCE_MILLIS);
                parts.listener().removed(runner.inForce());
            }
        }
    }

    /** The slots that can be served side by side; of the others it is said why not. */
    private List<Slot> accept(DesiredState desired) {
        AcceptedSlots accepted = AcceptedSlots.of(desired.getSlotsList(), parts.maxSlots());
        List<String> reasons = new ArrayList<>();
        accepted.refused().forEach((slot, reason) -> {
            reasons.add(named(slot, reason));
            parts.listener().model(DeviceEvent.Type.FAILED, slot, reason);
        });
        refused = List.copyOf(reasons);
        return accepted.slots();
    }

    /** Looks how far the slots are, writes down what is in force, and says what is not. */
    private void review() {
        if (wished == null) {
            return;
        }
        long version = wished.getVersion();
        List<SlotRunner> now = runners;
        long there = now.stream()
                .filter(runner -> runner.standing().inForceSince(version))
                .count();
        boolean all = refused.isEmpty() && there == now.size();
        if (all && !wished.equals(inForce)) {
            settle();
        } else if (!all && there > 0 && !savedInPart && envelope.isPresent()) {
            saveInPart(envelope.get());
        }
        say(problems(version));
    }

    private void settle() {
        if (envelope.isPresent()) {
            unsaved = envelope;
            if (save()) {
                forgetAllBut(wished, inForce);
            }
        }
        inForce = wished;
        parts.listener().inForce(wished);
    }

    /**
     * What is in force stays so on a disk that cannot be written, and is written down when it can.
     *
     * @return whether all of it is on disk
     */
    private boolean save() {
        if (unsaved.isEmpty()) {
            return true;
        }
        try {
            store.save(unsaved.get());
            unsaved = Optional.empty();
            return true;
        } catch (IOException e) {
            saveLater(e);
            return false;
        }
    }

    /** After what is in force as a whole, which takes the place of what was in force in part before. */
    private void saveInPart(byte[] bytes) {
        if (!save()) {
            return;
        }
        try {
            store.savePartial(bytes);
            savedInPart = true;
        } catch (IOException e) {
            saveLater(e);
        }
    }

    private void saveLater(IOException cause) {
        if (retryPending) {
            return;
        }
        LOG.warnf("the desired state in force is not on disk yet: %s", SlotRunner.describe(cause));
        retryPending = true;
        try {
            thread.schedule(() -> execute(this::catchUp), DISK_RETRY_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    private void catchUp() {
        retryPending = false;
        save();
        review();
    }

    private String problems(long version) {
        List<String> all = new ArrayList<>(refused);
        for (SlotRunner runner : runners) {
            String own = runner.standing().problemWith(version);
            if (!own.isEmpty()) {
                all.add(wished.getSlotsCount() == 1 ? own : named(runner.slot(), own));
            }
        }
        return String.join("; ", all);
    }

    private void say(String now) {
        if (!now.equals(problem)) {
            problem = now;
            parts.listener().problem(now);
        }
    }

    private static String named(Slot slot, String reason) {
        return "slot " + slot.getCohort() + ": " + reason;
    }

    /** The models before stay on disk, for a way back that costs nothing. */
    private void forgetAllBut(DesiredState now, DesiredState before) {
        Set<String> needed = new HashSet<>();
        for (DesiredState state : before == null ? List.of(now) : List.of(now, before)) {
            for (Slot slot : state.getSlotsList()) {
                needed.add(slot.getModelDigest());
                needed.add(slot.getManifestDigest());
            }
        }
        try {
            parts.artefacts().keepOnly(needed);
        } catch (IOException e) {
            LOG.warnf("old models stay on the disk: %s", SlotRunner.describe(e));
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.errorf(e, "slots: unexpected failure; the models in use stay");
                    say(SlotRunner.describe(e));
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }
}
