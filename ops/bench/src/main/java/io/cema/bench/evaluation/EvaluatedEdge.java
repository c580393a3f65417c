package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.LoopKey;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.selection.Domain;
import io.cema.edge.selection.DomainObserver;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.image.Image;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** One device with the agent's own way of taking updates, signed ones that are handed over as the broker would. One thread. */
final class EvaluatedEdge implements DomainObserver, AutoCloseable {
    private static final int SHADOW_FRAMES = 128;

    private final Subject subject;
    private final LoopKey key;
    private final String channel;
    private final SigningKey signing = SigningKey.generate();
    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final ShadowFrames shadow = new ShadowFrames(SHADOW_FRAMES);
    private final UpdateProcessor updates;

    private int delivered;
    private long updateBytes;
    private long refused;
    private long updateNanos;

    /** What the edge answers to a frame, by which version of its model. */
    record Answer(float[] input, Prediction prediction, ModelOrigin origin) {}

    EvaluatedEdge(Subject subject, LoopKey key, String channel) {
        this.subject = subject;
        this.key = key;
        this.channel = channel;
        this.updates = new UpdateProcessor(
                new AdaptedSlot(key.tenant(), key.cohort(), channel, UpdateRevision.NONE, "", subject.manifest()),
                new AffineFolder(subject.edgeModel()),
                new OnnxRuntimeEngineFactory(1),
                TrustedKeys.of(signing.publicKey()),
                holder,
                AcceptedUpdates.open(subject.scratch()),
                shadow,
                GuardSettings.defaults());
        updates.start();
    }

    Answer answer(Image image) {
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            float[] input = subject.input(image);
            Prediction prediction = Prediction.fromLogits(lease.model().engine().logits(input, 1));
            shadow.add(input);
            return new Answer(input, prediction, lease.model().origin());
        }
    }

    /**
     * Hands over what was not handed over before.
     *
     * @param sent all that the loop has sent so far
     * @param every of how many one arrives
     */
    void deliver(List<MemoryLoopStore.Sent> sent, int every) {
        while (delivered < sent.size()) {
            MemoryLoopStore.Sent update = sent.get(delivered++);
            if (delivered % every != 0) {
                continue;
            }
            String topic = Topics.update(key.tenant(), key.cohort(), key.modelDigest(), channel);
            byte[] payload = EnvelopeSealer.sign(
                            topic,
                            update.version().message(key, channel, 1, update.revision()),
                            signing.id(),
                            signing.privateKey(),
                            0)
                    .toByteArray();
            long started = System.nanoTime();
            updateBytes += payload.length;
            refused += updates.process(topic, payload) instanceof UpdateResult.Applied ? 0 : 1;
            updateNanos += System.nanoTime() - started;
        }
    }

    /** After each frame. */
    void endProbation() {
        try {
            refused += updates.endProbation().isPresent() ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("the edge cannot roll back", e);
        }
    }

    @Override
    public void left(Domain domain) {
        updates.left(domain);
    }

    @Override
    public void entered(Domain domain) {
        updates.entered(domain);
    }

    long updateBytes() {
        return updateBytes;
    }

    /** Updates that it did not take or did not keep. */
    long refused() {
        return refused;
    }

    /** Its time for updates. */
    long updateNanos() {
        return updateNanos;
    }

    @Override
    public void close() {
        holder.clear();
    }
}
