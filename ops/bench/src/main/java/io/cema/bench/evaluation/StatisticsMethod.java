package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.AdaptationLoop;
import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.LoadedModel;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.statistics.FrameBatch;
import io.cema.edge.statistics.FrameCollector;
import io.cema.edge.statistics.StatisticsMeter;
import io.cema.edge.statistics.StatisticsSettings;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.signature.EnvelopeSealer;
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
    private static final String TENANT = "default";
    private static final String COHORT = "evaluation";
    private static final String CHANNEL = "canary";

    private final Subject subject;
    private final LoopKey key;
    private final EvaluatedEdge edge;
    private final FrameCollector collector = new FrameCollector(new StatisticsSettings(FRAMES, Duration.ZERO));
    private final StatisticsMeter meter = new StatisticsMeter(new OnnxRuntimeEngineFactory(1));
    private final MeasuringGraph graph;
    private final MemoryLoopStore store;
    private final AdaptationLoop loop;

    private long now;
    private long uploadedBytes;
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
        this.edge = new EvaluatedEdge(subject, key, CHANNEL);
    }

    @Override
    public int[] predict(List<Image> images) {
        return images.stream().mapToInt(this::frame).toArray();
    }

    private int frame(Image image) {
        long started = System.nanoTime();
        now += FRAME_NANOS;
        EvaluatedEdge.Answer answer = edge.answer(image);
        Optional<FrameBatch> batch =
                collector.add(key.modelDigest(), answer.origin(), answer.input(), answer.prediction(), now);
        Optional<StatisticsReport> report =
                batch.map(full -> meter.measure(graph, full).build());
        edgeNanos += System.nanoTime() - started;
        report.ifPresent(this::cloud);
        edge.endProbation();
        return answer.prediction().predictedClass();
    }

    private void cloud(StatisticsReport report) {
        long started = System.nanoTime();
        uploadedBytes += EnvelopeSealer.unsigned(report, 0).toByteArray().length;
        store.add(report);
        loop.tick();
        cloudNanos += System.nanoTime() - started;
        edge.deliver(store.sent(), 1);
    }

    @Override
    public Tally tally() {
        return new Tally(
                0,
                uploadedBytes,
                edge.updateBytes(),
                store.published().size(),
                store.refused() + edge.refused(),
                edgeNanos + edge.updateNanos(),
                cloudNanos,
                loop.time());
    }

    @Override
    public void close() {
        loop.close();
        edge.close();
    }
}
