package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.AdaptationLoop;
import io.cema.cloud.adaptation.LoopKey;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.LoadedModel;
import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Decision;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.selection.SelectionSettings;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.UploadReason;
import java.util.List;

/**
 * The product by default: its selection, its loop with gate, its signed updates through the agent's own update path, one
 * frame at a time. The clock is the stream's: 25 frames a second, the cloud as fast as it needs to be.
 */
final class ProductMethod implements Method {
    private static final long FRAME_NANOS = 40_000_000;
    private static final String TENANT = "default";
    private static final String COHORT = "evaluation";
    private static final String CHANNEL = "stable";

    private final Subject subject;
    private final LoopKey key;
    private final EvaluatedEdge edge;
    private final SampleSelector selector;
    private final MemoryLoopStore store;
    private final AdaptationLoop loop;

    private long now;
    private long frames;
    private long nextTick;
    private long uploadedImages;
    private long uploadedBytes;
    private long edgeNanos;
    private long cloudNanos;

    ProductMethod(Subject subject) {
        this.subject = subject;
        this.key = new LoopKey(TENANT, COHORT, subject.manifest().digest());
        this.edge = new EvaluatedEdge(subject, key, CHANNEL);
        this.selector =
                new SampleSelector(SelectionSettings.defaults(subject.manifest().classes()), subject.seed(), edge);
        this.store = new MemoryLoopStore(
                loaded(subject.edge()),
                loaded(subject.foundation()),
                "{\"learning\":{\"replayCapacity\":" + subject.replay() + "}}",
                () -> now);
        this.loop = new AdaptationLoop(key, store, TorchSettings.cpu(subject.threads()), () -> now);
    }

    private static LoadedModel loaded(Distiller.Part part) {
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
        EvaluatedEdge.Answer answer = edge.answer(image);
        Prediction prediction = answer.prediction();
        boolean uploaded = false;
        if (selector.decide(prediction, image, answer.origin().experts()) instanceof Decision.Upload upload) {
            UploadReason reason = UploadReason.valueOf(upload.cause().name());
            String version = answer.origin().update();
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
        edge.endProbation();
        return prediction.predictedClass();
    }

    private void cloud() {
        long started = System.nanoTime();
        long wait;
        do {
            wait = loop.tick().toNanos();
            long judged = System.nanoTime();
            cloudNanos += judged - started;
            edge.deliver(store.sent(), subject.staleness());
            started = System.nanoTime();
        } while (wait == 0);
        nextTick = now + wait;
    }

    @Override
    public Tally tally() {
        return new Tally(
                uploadedImages,
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
