package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.LoopTime;
import io.cema.cloud.adaptation.torch.AdaptationSettings;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * CEMA as released (ICLR 2024): E_max = 0.4 ln C without the dynamic rule, statistics from the first batch, a step and an
 * update for each 32 uploads, no gate.
 */
final class PublishedMethod implements Method {
    /** E_min as a fraction of ln C. */
    private static final double ENTROPY_MIN = 0.02;

    /** As long as a ULID. */
    private static final String ANY_VERSION = "0".repeat(26);

    private final Subject subject;
    private final AdaptationSettings settings;
    private final PublishedSelection selection;
    private final OnnxRuntimeEngineFactory engines;
    private final AffineFolder folder;
    private final Distiller distiller;
    private final SplittableRandom random;
    private final List<Image> fresh = new ArrayList<>();
    private final List<Image> replay = new ArrayList<>();

    private InferenceEngine engine;
    private long frames;
    private long uploadedImages;
    private long uploadedBytes;
    private long updateBytes;
    private long published;
    private long edgeNanos;
    private long cloudNanos;
    private LoopTime cloudTime = LoopTime.NONE;

    PublishedMethod(Subject subject) {
        this.subject = subject;
        this.settings = AdaptationSettings.published().withReplayCapacity(subject.replay());
        this.selection = new PublishedSelection(subject.manifest().classes(), ENTROPY_MIN);
        this.engines = new OnnxRuntimeEngineFactory(subject.threads());
        this.folder = new AffineFolder(subject.edgeModel());
        this.distiller =
                Distiller.open(subject.edge(), subject.foundation(), settings, TorchSettings.cpu(subject.threads()));
        this.random = new SplittableRandom(subject.seed());
        this.engine = engines.open(folder.fold(folder.base()));
    }

    @Override
    public int[] predict(List<Image> images) {
        long started = System.nanoTime();
        List<Prediction> predictions = subject.predict(engine, images);
        List<float[]> probabilities =
                predictions.stream().map(Prediction::probabilities).toList();
        double[] entropies =
                predictions.stream().mapToDouble(Prediction::entropy).toArray();
        for (int i : selection.keep(probabilities, entropies)) {
            upload(images.get(i), predictions.get(i), frames + i);
        }
        frames += images.size();
        edgeNanos += System.nanoTime() - started;
        while (fresh.size() >= settings.batch()) {
            learn(List.copyOf(fresh.subList(0, settings.batch())));
            fresh.subList(0, settings.batch()).clear();
        }
        return Subject.classes(predictions);
    }

    private void upload(Image image, Prediction prediction, long frame) {
        WireSample sample = WireSample.of(
                image, prediction, UploadReason.INFORMATIVE, subject.manifest().digest(), ANY_VERSION, frame);
        fresh.add(image);
        uploadedImages++;
        uploadedBytes += sample.bytes();
    }

    private void learn(List<Image> batch) {
        long started = System.nanoTime();
        List<Image> replayed = new ArrayList<>();
        if (replay.size() >= settings.replayMinimum()) {
            for (int i = 0; i < settings.replayFactor() * settings.batch(); i++) {
                replayed.add(replay.get(random.nextInt(replay.size())));
            }
        }
        cloudTime = cloudTime.plus(distiller.step(batch, replayed).time());
        replay.addAll(batch);
        if (replay.size() > settings.replayCapacity()) {
            replay.subList(0, replay.size() - settings.replayCapacity()).clear();
        }
        byte[] encoded = AffineCodec.encode(distiller.candidate());
        AffineParameters decoded = AffineCodec.decode(encoded, distiller.layers());
        distiller.adopt(decoded);
        published++;
        cloudNanos += System.nanoTime() - started;
        if (published % subject.staleness() == 0) {
            long applied = System.nanoTime();
            InferenceEngine next = engines.open(folder.fold(distiller.base().plus(decoded)));
            engine.close();
            engine = next;
            updateBytes += encoded.length;
            edgeNanos += System.nanoTime() - applied;
        }
    }

    @Override
    public Tally tally() {
        return new Tally(uploadedImages, uploadedBytes, updateBytes, published, 0, edgeNanos, cloudNanos, cloudTime);
    }

    @Override
    public void close() {
        engine.close();
        distiller.close();
    }
}
