package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.AdaptationLoop;
import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.LoadedModel;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.selection.Decision;
import io.cema.edge.selection.Domain;
import io.cema.edge.selection.DomainObserver;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.selection.SelectionSettings;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * The product by default: its selection, its loop with gate, its signed updates through the agent's own update path, one
 * frame at a time. The clock is the stream's: 25 frames a second, the cloud as fast as it needs to be.
 */
final class ProductMethod implements Method {
    private static final long FRAME_NANOS = 40_000_000;
    private static final int SHADOW_FRAMES = 128;
    private static final String TENANT = "default";
    private static final String COHORT = "evaluation";
    private static final String CHANNEL = "stable";

    private final Subject subject;
    private final LoopKey key;
    private final SigningKey signing = SigningKey.generate();
    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final ShadowFrames shadow = new ShadowFrames(SHADOW_FRAMES);
    private final UpdateProcessor updates;
    private final SampleSelector selector;
    private final MemoryLoopStore store;
    private final AdaptationLoop loop;

    private long now;
    private long frames;
    private long nextTick;
    private int delivered;
    private long uploadedImages;
    private long uploadedBytes;
    private long updateBytes;
    private long refusedByEdge;
    private long edgeNanos;
    private long cloudNanos;

    ProductMethod(Subject subject) {
        this.subject = subject;
        this.key = new LoopKey(TENANT, COHORT, subject.manifest().digest());
        AdaptedSlot slot = new AdaptedSlot(TENANT, COHORT, CHANNEL, UpdateRevision.NONE, "", subject.manifest());
        this.selector =
                new SampleSelector(SelectionSettings.defaults(subject.manifest().classes()), subject.seed(), domains());
        this.store = new MemoryLoopStore(
                loaded(subject.edge()),
                loaded(subject.foundation()),
                "{\"learning\":{\"replayCapacity\":" + subject.replay() + "}}",
                () -> now);
        this.loop = new AdaptationLoop(key, store, TorchSettings.cpu(subject.threads()), () -> now);
        this.updates = new UpdateProcessor(
                slot,
                new AffineFolder(subject.edgeModel()),
                new OnnxRuntimeEngineFactory(1),
                TrustedKeys.of(signing.publicKey()),
                holder,
                AcceptedUpdates.open(subject.scratch()),
                shadow,
                GuardSettings.defaults());
        updates.start();
    }

    private DomainObserver domains() {
        return new DomainObserver() {
            @Override
            public void left(Domain domain) {
                updates.left(domain);
            }

            @Override
            public void entered(Domain domain) {
                updates.entered(domain);
            }
        };
    }

    private static LoadedModel loaded(io.cema.cloud.adaptation.torch.Distiller.Part part) {
        return new LoadedModel(part.onnx(), part.manifest());
    }

    @Override
    public int[] predict(List<Image> images) {
        int[] classes = new int[images.size()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = frame(images.get(i));
        }
        return classes;
    }

    private int frame(Image image) {
        long started = System.nanoTime();
        frames++;
        now += FRAME_NANOS;
        Prediction prediction;
        String version;
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            float[] input = subject.input(image);
            prediction = Prediction.fromLogits(lease.model().engine().logits(input, 1));
            shadow.add(input);
            version = lease.model().origin().update();
        }
        boolean uploaded = false;
        if (selector.decide(prediction, image) instanceof Decision.Upload upload) {
            UploadReason reason = UploadReason.valueOf(upload.cause().name());
            WireSample sample =
                    WireSample.of(image, prediction, reason, subject.manifest().digest(), version, frames);
            uploadedImages++;
            uploadedBytes += sample.bytes();
            store.add(sample, reason, version);
            uploaded = true;
        }
        edgeNanos += System.nanoTime() - started;
        if (uploaded || now >= nextTick) {
            cloud();
        }
        endProbation();
        return prediction.predictedClass();
    }

    private void cloud() {
        long started = System.nanoTime();
        long wait;
        do {
            wait = loop.tick().toNanos();
            long judged = System.nanoTime();
            cloudNanos += judged - started;
            deliver();
            started = System.nanoTime();
        } while (wait == 0);
        nextTick = now + wait;
    }

    /** What the loop has sent goes to the edge, as the broker would hand it over. */
    private void deliver() {
        List<MemoryLoopStore.Sent> sent = store.sent();
        while (delivered < sent.size()) {
            MemoryLoopStore.Sent update = sent.get(delivered++);
            if (delivered % subject.staleness() != 0) {
                continue;
            }
            String topic = Topics.update(TENANT, COHORT, key.modelDigest(), CHANNEL);
            byte[] payload = EnvelopeSealer.sign(
                            topic,
                            update.version().message(key, CHANNEL, 1, update.revision()),
                            signing.id(),
                            signing.privateKey(),
                            0)
                    .toByteArray();
            long started = System.nanoTime();
            updateBytes += payload.length;
            refusedByEdge += updates.process(topic, payload) instanceof UpdateResult.Applied ? 0 : 1;
            edgeNanos += System.nanoTime() - started;
        }
    }

    private void endProbation() {
        try {
            Optional<UpdateResult> result = updates.endProbation();
            refusedByEdge += result.isPresent() ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("the edge cannot roll back", e);
        }
    }

    @Override
    public Tally tally() {
        return new Tally(
                uploadedImages,
                uploadedBytes,
                updateBytes,
                store.published().size(),
                store.refused() + refusedByEdge,
                edgeNanos,
                cloudNanos,
                loop.time());
    }

    @Override
    public void close() {
        loop.close();
        holder.clear();
    }
}
