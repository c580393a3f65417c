package io.cema.edge.update;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Domain;
import io.cema.edge.update.AcceptedUpdates.Entry;
import io.cema.edge.update.AcceptedUpdates.Message;
import io.cema.edge.update.UpdateVerifier.Verified;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.api.trace.Tracer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Takes one slot's updates from bytes to service: verify, fold, load, check itself, run in the shadow on the last frames,
 * write down, swap. Whatever fails on the way, the update is refused and the model in use stays as it is; nothing is
 * ever half applied. Some frames after a swap the update is compared once more with its predecessor, on what the camera
 * sees by then, and taken back if it is a setback.
 *
 * <p>When a domain comes back that this device left earlier, what it ran there is in force again at once, without waiting
 * for the cloud to notice. Only what was verified and accepted before comes back that way.
 *
 * <p>Plain Java. Not thread-safe: one thread owns it; requests go on through the {@link ActiveModelHolder} meanwhile.
 */
public final class UpdateProcessor {
    private static final Logger LOG = Logger.getLogger(UpdateProcessor.class);
    private static final int PROBES = 2;

    private final AdaptedSlot slot;
    private final AffineFolder folder;
    private final EngineFactory engines;
    private final ActiveModelHolder holder;
    private final AcceptedUpdates accepted;
    private final ShadowFrames shadow;
    private final GuardSettings guard;
    private final UpdateVerifier verifier;
    private final Tracer tracer;
    private final KnownDomains domains = new KnownDomains();
    /** Of the model in use. */
    private Folded inUse;

    private int refusedHash;
    /** A good update that the disk did not take. */
    private Optional<Message> deferred = Optional.empty();

    private long probationEnds = -1;

    /** A model ready for use, and what is folded into it, absolute. */
    private record Folded(ActiveModel model, Adaptation adaptation) {}

    /** A good message, the {@code index}th of those that came together. */
    private record Arrived(int index, int hash, byte[] payload, Verified update) {}

    public UpdateProcessor(
            AdaptedSlot slot,
            AffineFolder folder,
            EngineFactory engines,
            TrustedKeys keys,
            ActiveModelHolder holder,
            AcceptedUpdates accepted,
            ShadowFrames shadow,
            GuardSettings guard) {
        this(
                slot,
                folder,
                engines,
                keys,
                holder,
                accepted,
                shadow,
                guard,
                Tracing.off().tracer());
    }

    /** @param tracer of updates that are part of a trace */
    public UpdateProcessor(
            AdaptedSlot slot,
            AffineFolder folder,
            EngineFactory engines,
            TrustedKeys keys,
            ActiveModelHolder holder,
            AcceptedUpdates accepted,
            ShadowFrames shadow,
            GuardSettings guard,
            Tracer tracer) {
        this.tracer = tracer;
        this.slot = slot;
        this.folder = folder;
        this.engines = engines;
        this.holder = holder;
        this.accepted = accepted;
        this.shadow = shadow;
        this.guard = guard;
        this.verifier = new UpdateVerifier(slot, keys, folder.base());
        folder.base().requireMatches(slot.manifest().layers());
    }

    /**
     * Puts the slot's model in use: with the last accepted update if it still verifies and stands above the floor, else
     * with the one before it, else the base model.
     *
     * @throws InferenceException if not even the base model loads
     */
    public void start() {
        while (accepted.current().isPresent()) {
            Entry entry = accepted.current().orElseThrow();
            try {
                if (entry.order().compareTo(slot.floor()) <= 0) {
                    throw refused(entry, "is at or below the floor " + slot.floor());
                }
                use(load(entry));
                return;
            } catch (UpdateRefusedException | InferenceException | IOException e) {
                LOG.warnf("update %s is not taken up again: %s", entry.version(), e.getMessage());
                accepted.dropCurrent();
            }
        }
        use(base());
    }

    private void use(Folded next) {
        holder.swap(next.model());
        inUse = next;
    }

    private Folded base() {
        return folded(Adaptation.of(folder.base()), ModelOrigin.base(slot.cohort(), slot.channel()));
    }

    /** Deals with a message of the slot's update topic. Never throws for what the message holds. */
    public UpdateResult process(String topic, byte[] payload) {
        return process(topic, List.of(payload)).get(0);
    }

    /**
     * Deals with messages that came together. Each holds all there is to know, so of the good ones the newest alone is
     * applied.
     *
     * @return what became of each, in the same order
     */
    public List<UpdateResult> process(String topic, List<byte[]> payloads) {
        List<UpdateResult> results = new ArrayList<>();
        Optional<Arrived> newest = Optional.empty();
        for (byte[] payload : payloads) {
            int hash = Arrays.hashCode(payload);
            try {
                Verified update = verifier.verify(topic, payload);
                Optional<UpdateResult> old = judgeOrder(hash, update);
                if (old.isPresent()) {
                    results.add(old.get());
                } else if (newest.isPresent()
                        && update.revision().compareTo(newest.get().update().revision()) <= 0) {
                    results.add(overtaken(update, newest.get().update()));
                } else {
                    newest.ifPresent(before -> results.set(before.index(), overtaken(before.update(), update)));
                    newest = Optional.of(new Arrived(results.size(), hash, payload, update));
                    results.add(null); // until all have been looked at
                }
            } catch (UpdateRefusedException e) {
                results.add(reject(hash, e.version(), e.revision(), e.getMessage()));
            }
        }
        newest.ifPresent(arrived -> results.set(arrived.index(), apply(topic, arrived)));
        return results;
    }

    private static UpdateResult overtaken(Verified update, Verified by) {
        return new UpdateResult.Ignored(
                update.version(), update.revision(), "came together with revision " + by.revision());
    }

    private UpdateResult apply(String topic, Arrived arrived) {
        Verified update = arrived.update();
        UpdateTrace trace = UpdateTrace.begin(tracer, update.traceParent(), update.version());
        return trace.end(apply(topic, arrived, trace));
    }

    private UpdateResult apply(String topic, Arrived arrived, UpdateTrace trace) {
        long started = System.nanoTime();
        int hash = arrived.hash();
        Verified update = arrived.update();
        Folded candidate = null;
        try {
            candidate = folded(update);
            trace.done("fold");
            Optional<String> setback = setback(candidate.model());
            trace.done("shadow");
            if (setback.isPresent()) {
                candidate.model().release();
                return reject(hash, update.version(), update.revision(), setback.get());
            }
            accepted.accept(update.version(), update.revision(), new Message(topic, arrived.payload()));
        } catch (InferenceException | OnnxFormatException | IllegalArgumentException e) {
            if (candidate != null) {
                candidate.model().release();
            }
            return reject(hash, update.version(), update.revision(), e.getMessage());
        } catch (IOException e) {
            candidate.model().release();
            deferred = Optional.of(new Message(topic, arrived.payload()));
            return new UpdateResult.Deferred(
                    update.version(), update.revision(), "it cannot be kept on disk: " + e.getMessage());
        }
        deferred = Optional.empty();
        use(candidate);
        trace.done("swap");
        probationEnds = shadow.added() + guard.probationFrames();
        return new UpdateResult.Applied(update.version(), update.revision(), (System.nanoTime() - started) / 1e6);
    }

    /** The disk can be written again: writes down what it owes, and tries the update that had to wait. */
    public Optional<UpdateResult> diskRecovered() {
        accepted.flush();
        Optional<Message> waiting = deferred;
        deferred = Optional.empty();
        return waiting.map(message -> process(message.topic(), message.payload()));
    }

    /**
     * Ends the probation of the update in use if enough frames have passed since its swap: it is compared with its
     * predecessor on the last frames and rolled back if it is a setback. Call now and then.
     */
    public Optional<UpdateResult> endProbation() throws IOException {
        if (probationEnds < 0 || shadow.added() < probationEnds) {
            return Optional.empty();
        }
        probationEnds = -1;
        Optional<Entry> current = accepted.current();
        if (current.isEmpty()) {
            return Optional.empty();
        }
        Folded predecessor = predecessor();
        Optional<String> setback;
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            setback = setback(lease.model().engine(), predecessor.model().engine());
        } catch (InferenceException e) {
            setback = Optional.of(e.getMessage());
        }
        if (setback.isEmpty()) {
            predecessor.model().release();
            return Optional.empty();
        }
        return Optional.of(rollBackTo(predecessor, current.get(), setback.get()));
    }

    /** The camera's view has changed; what is in use served the domain it showed before. */
    public void left(Domain domain) {
        domains.remember(domain, inUse.model().origin(), inUse.adaptation());
    }

    /**
     * The view is of this domain again: what was in use there is in use again. Orders and files stay as they are, so a start
     * goes on from the last accepted update, and the cloud's next one is taken as usual.
     *
     * @return empty if the domain is not known, or what belongs to it is in use already or no longer allowed
     */
    public Optional<UpdateResult> entered(Domain domain) {
        long started = System.nanoTime();
        Optional<KnownDomains.Known> known = domains.in(domain).filter(this::allowed);
        if (known.isEmpty() || known.get().origin().equals(inUse.model().origin())) {
            return Optional.empty();
        }
        ModelOrigin origin = known.get().origin();
        try {
            use(folded(known.get().adaptation(), origin));
        } catch (InferenceException | OnnxFormatException e) {
            LOG.warnf("update %s is not taken up again: %s", origin.update(), e.getMessage());
            return Optional.empty();
        }
        // What is on probation is no longer in use.
        probationEnds = -1;
        return Optional.of(
                new UpdateResult.Recalled(origin.update(), origin.revision(), (System.nanoTime() - started) / 1e6));
    }

    private boolean allowed(KnownDomains.Known known) {
        ModelOrigin origin = known.origin();
        return slot.pinnedVersion().isEmpty()
                && (origin.update().isEmpty() || origin.revision().compareTo(slot.floor()) > 0);
    }

    /** Takes back the update in use, whatever the reason; empty if the base model is in use. */
    public Optional<UpdateResult> rollBack(String reason) throws IOException {
        Optional<Entry> current = accepted.current();
        return current.isEmpty() ? Optional.empty() : Optional.of(rollBackTo(predecessor(), current.get(), reason));
    }

    private UpdateResult rollBackTo(Folded predecessor, Entry current, String reason) {
        use(predecessor);
        accepted.dropCurrent();
        return new UpdateResult.RolledBack(current.version(), current.order(), reason);
    }

    private Folded predecessor() throws IOException {
        Optional<Entry> previous = accepted.previous();
        if (previous.isPresent()) {
            try {
                return load(previous.get());
            } catch (UpdateRefusedException e) {
                LOG.warnf("predecessor %s cannot be used: %s", previous.get().version(), e.getMessage());
            }
        }
        return base();
    }

    private Folded load(Entry entry) throws IOException, UpdateRefusedException {
        Message message = accepted.read(entry);
        Verified update = verifier.verify(message.topic(), message.payload());
        if (!update.version().equals(entry.version()) || !update.revision().equals(entry.order())) {
            throw refused(entry, "does not hold what the state says");
        }
        return folded(update);
    }

    private Optional<UpdateResult> judgeOrder(int hash, Verified update) {
        if (!slot.pinnedVersion().isEmpty() && !slot.pinnedVersion().equals(update.version())) {
            return Optional.of(new UpdateResult.Ignored(
                    update.version(), update.revision(), "this slot is pinned to " + slot.pinnedVersion()));
        }
        UpdateRevision last = accepted.last();
        if (accepted.isLast(update.version(), update.revision())) {
            return Optional.of(
                    new UpdateResult.Ignored(update.version(), update.revision(), "accepted before, dealt with"));
        }
        if (update.revision().compareTo(last) <= 0) {
            return Optional.of(reject(
                    hash,
                    update.version(),
                    update.revision(),
                    "revision " + update.revision() + " is not above the last accepted " + last));
        }
        if (update.revision().compareTo(slot.floor()) <= 0) {
            return Optional.of(reject(
                    hash,
                    update.version(),
                    update.revision(),
                    "revision " + update.revision() + " is not above the floor " + slot.floor()));
        }
        return Optional.empty();
    }

    /** The same retained message comes again with every connect: it is refused once, and passed over afterwards. */
    private UpdateResult reject(int hash, String version, UpdateRevision revision, String reason) {
        if (hash == refusedHash) {
            return new UpdateResult.Ignored(version, revision, "refused before: " + reason);
        }
        refusedHash = hash;
        return new UpdateResult.Rejected(version, revision, reason);
    }

    private Folded folded(Verified update) {
        return folded(
                update.adaptation(),
                new ModelOrigin(
                        slot.cohort(),
                        slot.channel(),
                        update.version(),
                        update.revision(),
                        update.adaptation().experts().size()));
    }

    private Folded folded(Adaptation adaptation, ModelOrigin origin) {
        InferenceEngine engine = RoutedEngine.open(adaptation, slot.manifest(), this::opened);
        try {
            return new Folded(new ActiveModel(engine, slot.manifest(), origin), adaptation);
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /** Each expert's, for the frames here may all be another's. */
    private InferenceEngine opened(AffineParameters affine) {
        InferenceEngine engine = engines.open(folder.fold(affine));
        try {
            checkItself(engine);
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /** Fixed inputs of ordinary size must give finite logits. */
    private void checkItself(InferenceEngine engine) {
        float[] probe = new float[PROBES * engine.inputLength()];
        for (int i = 0; i < probe.length; i++) {
            probe[i] = (float) Math.sin(0.37 * i);
        }
        float[] logits = engine.logits(probe, PROBES);
        for (int row = 0; row < PROBES; row++) {
            Prediction.fromLogits(logits, row * engine.classes(), engine.classes());
        }
    }

    private Optional<String> setback(ActiveModel candidate) {
        Optional<ActiveModelHolder.Lease> active = holder.lease();
        if (active.isEmpty()) {
            return Optional.empty();
        }
        try (ActiveModelHolder.Lease lease = active.get()) {
            return setback(candidate.engine(), lease.model().engine());
        }
    }

    private Optional<String> setback(InferenceEngine candidate, InferenceEngine reference) {
        List<float[]> frames = shadow.snapshot();
        return OutputProfile.of(candidate, frames).setback(OutputProfile.of(reference, frames), guard);
    }

    private static UpdateRefusedException refused(Entry entry, String reason) {
        return new UpdateRefusedException(entry.version(), entry.order(), "update " + entry.version() + " " + reason);
    }
}
