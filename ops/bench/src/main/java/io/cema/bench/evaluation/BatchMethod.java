package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.Sgd;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    private final TorchModel model;
    private final Sgd sgd;
    private final PublishedSelection selection;
    private long nanos;
    private long steps;

    BatchMethod(Subject subject, Kind kind) {
        this.subject = subject;
        this.kind = kind;
        this.model = TorchModel.load(subject.edgeModel(), TorchSettings.cpu(subject.threads()));
        this.sgd = new Sgd(model, LEARNING_RATE, MOMENTUM);
        this.selection = new PublishedSelection(subject.manifest().classes(), 0);
    }

    @Override
    public int[] predict(List<Image> images) {
        long started = System.nanoTime();
        try (PointerScope scope = new PointerScope()) {
            Tensor input = input(images);
            Tensor logits = kind == Kind.BN ? model.infer(input, NormMode.BATCH) : model.forward(input, NormMode.BATCH);
            int[] classes = classes(logits);
            if (kind != Kind.BN) {
                learn(logits);
            }
            return classes;
        } finally {
            nanos += System.nanoTime() - started;
        }
    }

    private void learn(Tensor logits) {
        Tensor logProbabilities = logits.log_softmax(1);
        Tensor entropies = logProbabilities.exp().mul(logProbabilities).sum(1).neg();
        Tensor loss;
        if (kind == Kind.TENT) {
            loss = entropies.mean();
        } else {
            float[] weights = weights(logProbabilities, entropies);
            int kept = 0;
            for (float w : weights) {
                kept += w > 0 ? 1 : 0;
            }
            if (kept == 0) {
                return;
            }
            Tensor weight = torch.from_blob(new FloatPointer(weights), new long[] {weights.length})
                    .clone();
            loss = weight.mul(entropies).sum().div(new Scalar((double) kept));
        }
        loss.backward();
        sgd.step(kind.name());
        steps++;
    }

    /** exp(E_max - H) for reliable, non-redundant images, else 0. */
    private float[] weights(Tensor logProbabilities, Tensor entropies) {
        int n = Math.toIntExact(logProbabilities.size(0));
        int classes = Math.toIntExact(logProbabilities.size(1));
        float[] flat = floats(logProbabilities.exp(), n * classes);
        float[] h = floats(entropies, n);
        List<float[]> probabilities = new ArrayList<>(n);
        double[] nats = new double[n];
        for (int i = 0; i < n; i++) {
            probabilities.add(Arrays.copyOfRange(flat, i * classes, (i + 1) * classes));
            nats[i] = h[i];
        }
        float[] weights = new float[n];
        for (int i : selection.keep(probabilities, nats)) {
            weights[i] = (float) Math.exp(selection.entropyMax() - nats[i]);
        }
        return weights;
    }

    private Tensor input(List<Image> images) {
        int length = subject.input(images.get(0)).length;
        float[] values = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(subject.input(images.get(i)), 0, values, i * length, length);
        }
        return torch.from_blob(new FloatPointer(values), new long[] {
                    images.size(),
                    3,
                    subject.manifest().height(),
                    subject.manifest().width()
                })
                .clone();
    }

    private int[] classes(Tensor logits) {
        int n = Math.toIntExact(logits.size(0));
        int c = Math.toIntExact(logits.size(1));
        float[] values = floats(logits.detach(), n * c);
        List<Integer> classes = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int best = 0;
            for (int k = 1; k < c; k++) {
                best = values[i * c + k] > values[i * c + best] ? k : best;
            }
            classes.add(best);
        }
        return classes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static float[] floats(Tensor tensor, int length) {
        float[] values = new float[length];
        new FloatPointer(tensor.detach().contiguous().data_ptr_float()).get(values);
        return values;
    }

    @Override
    public Tally tally() {
        return new Tally(0, 0, 0, 0, 0, nanos, 0, steps);
    }

    @Override
    public void close() {
        model.close();
    }
}
