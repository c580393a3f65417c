package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.AdaptationLoop;
import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.LoadedModel;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.statistics.FrameBatch;
import io.cema.edge.statistics.FrameCollector;
import io.cema.edge.statistics.StatisticsMeter;
import io.cema.edge.statistics.StatisticsSettings;
import io.cema.edge.update.AcceptedUpdates;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.AdaptedSlot;
import io.cema.edge.update.AffineFolder;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.update.UpdateProcessor;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The product where no image may be sent: reports of statistics, the loop's gate for them, signed updates through the
 * agent's own update path. Every image is taken for one that the agent's clock chose, one a second; there is one device, so
 * the canary phase that a fleet would put between is left out.
 */
final class StatisticsMethod implements Method {
    private static final long FRAME_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int FRAMES = 64;
    private static final int SHADOW_FRAMES = 128;
    private static final String TENANT = "default";
    private static final String COHORT = "evaluation";
    private static final String CHANNEL = "canary";

    private final Subject subject;
    private final LoopKey key;
    private final SigningKey signing = SigningKey.generate();
    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final ShadowFrames shadow = new ShadowFrames(SHADOW_FRAMES);
    private final FrameCollector collector = new FrameCollector(new StatisticsSettings(FRAMES, Duration.ZERO));
    private final StatisticsMeter meter = new StatisticsMeter(new OnnxRuntimeEngineFactory(1));
    private final MeasuringGraph graph;
    private final UpdateProcessor updates;
    private final MemoryLoopStore store;
    private final AdaptationLoop loop;

    private long now;
    private int delivered;
    private long uploadedBytes;
    private long updateBytes;
    private long refusedByEdge;
    private long edgeNanos;
    private long cloudNanos;

    StatisticsMethod(Subject subject) {
        this.subject = subject;
        this.key = new LoopKey(TENANT, COHORT, subject.manifest().digest());
        this.graph = MeasuringGraph.of(subject.edgeModel());
        this.store = new MemoryLoopStore(
                new LoadedModel(subject.edge().onnx(), subject.edge().manifest()),
                new LoadedModel(
                        subject.foundation().onnx(), subject.foundation().manifest()),
                "{\"canary\":{}}",
                () -> now);
        this.loop = new AdaptationLoop(key, store, TorchSettings.cpu(subject.threads()), () -> now);
        this.updates = new UpdateProcessor(
                new AdaptedSlot(TENANT, COHORT, CHANNEL, UpdateRevision.NONE, "", subject.manifest()),
                new AffineFolder(subject.edgeModel()),
                new OnnxRuntimeEngineFactory(1),
                TrustedKeys.of(signing.publicKey()),
                holder,
                AcceptedUpdates.open(subject.scratch()),
                shadow,
                GuardSettings.defaults());
        updates.start();
    }

    @Override
    public int[] predict(List<Image> images) {
        return images.stream().mapToInt(this::frame).toArray();
    }

    private int frame(Image image) {
        long started = System.nanoTime();
        now += FRAME_NANOS;
        Prediction prediction;
        Optional<FrameBatch> batch;
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow()) {
            ActiveModel model = lease.model();
            float[] input = subject.input(image);
            prediction = Prediction.fromLogits(model.engine().logits(input, 1));
            shadow.add(input);
            batch = collector.add(key.modelDigest(), model.origin(), input, prediction, now);
        }
        Optional<StatisticsReport> report =
                batch.map(full -> meter.measure(graph, full).build());
        edgeNanos += System.nanoTime() - started;
        report.ifPresent(this::cloud);
        endProbation();
        return prediction.predictedClass();
    }

    private void cloud(StatisticsReport report) {
        long started = System.nanoTime();
        uploadedBytes += EnvelopeSealer.unsigned(report, 0).toByteArray().length;
        store.add(report);
        loop.tick();
        cloudNanos += System.nanoTime() - started;
        deliver();
    }

    private void deliver() {
        List<MemoryLoopStore.Sent> sent = store.sent();
        while (delivered < sent.size()) {
            MemoryLoopStore.Sent update = sent.get(delivered++);
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
            refusedByEdge += updates.endProbation().isPresent() ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("the edge cannot roll back", e);
        }
    }

    @Override
    public Tally tally() {
        return new Tally(
                0,
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
