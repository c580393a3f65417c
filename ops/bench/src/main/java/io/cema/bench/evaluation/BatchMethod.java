package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.torch.EntropyDescent;
import io.cema.edge.inference.Prediction;
import io.cema.protocol.image.Image;
import java.util.Arrays;
import java.util.List;

/**
 * Methods that adapt on the edge itself, for comparison: they need whole batches there, and all but {@code bn} a backward
 * pass, which our edge has not. Normalisation by the batch's own statistics; {@code tent} (ICLR 2021) descends the mean
 * entropy, {@code eata} (ICML 2022) that of reliable, non-redundant images with weights, without its Fisher regulariser,
 * which needs source images. SGD 2.5e-3 with momentum 0.9. Predictions are those before the step on the same batch.
 */
final class BatchMethod implements Method {
    private static final double LEARNING_RATE = 2.5e-3;
    private static final double MOMENTUM = 0.9;

    /** What is learnt. */
    enum Kind {
        BN,
        TENT,
        EATA
    }

    private final Subject subject;
    private final Kind kind;
    private final EntropyDescent model;
    private final PublishedSelection selection;
    private long nanos;

    BatchMethod(Subject subject, Kind kind) {
        this.subject = subject;
        this.kind = kind;
        this.model = new EntropyDescent(subject.edgeModel(), subject.threads(), LEARNING_RATE, MOMENTUM);
        this.selection = new PublishedSelection(subject.manifest().classes(), 0);
    }

    @Override
    public int[] predict(List<Image> images) {
        long started = System.nanoTime();
        int length = subject.input(images.get(0)).length;
        float[] input = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(subject.input(images.get(i)), 0, input, i * length, length);
        }
        float[][] logits = model.predict(input, images.size(), this::weights);
        nanos += System.nanoTime() - started;
        return Arrays.stream(logits)
                .mapToInt(row -> Prediction.fromLogits(row).predictedClass())
                .toArray();
    }

    private float[] weights(float[][] logits) {
        float[] weights = new float[logits.length];
        if (kind == Kind.TENT) {
            Arrays.fill(weights, 1);
        } else if (kind == Kind.EATA) {
            List<Prediction> predictions =
                    Arrays.stream(logits).map(Prediction::fromLogits).toList();
            double[] entropies =
                    predictions.stream().mapToDouble(Prediction::entropy).toArray();
            List<float[]> probabilities =
                    predictions.stream().map(Prediction::probabilities).toList();
            for (int i : selection.keep(probabilities, entropies)) {
                weights[i] = (float) Math.exp(selection.entropyMax() - entropies[i]);
            }
        }
        return weights;
    }

    @Override
    public Tally tally() {
        return Tally.onEdge(nanos);
    }

    @Override
    public void close() {
        model.close();
    }
}
