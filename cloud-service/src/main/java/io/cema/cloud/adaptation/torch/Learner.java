package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** One model with its input, its optimiser and its statistics. One thread at a time; owns the model until closed. */
final class Learner implements AutoCloseable {
    /** Images that go through the model at once where nothing is learnt. */
    static final int AT_ONCE = 64;

    private static final double LEAST_VARIANCE = 1e-8;

    private final TorchModel model;
    private final ModelManifest manifest;
    private final Sgd sgd;
    private final double statisticsMomentum;
    private final boolean averageStart;
    /** Batches in the present target statistics. */
    private int batches;
    /** Share the last of them had. */
    private double share = 1;

    private Learner(TorchModel model, ModelManifest manifest, Sgd sgd, AdaptationSettings settings) {
        this.model = model;
        this.manifest = manifest;
        this.sgd = sgd;
        this.statisticsMomentum = settings.statisticsMomentum();
        this.averageStart = settings.averageStart();
    }

    static Learner load(Distiller.Part part, double learningRate, AdaptationSettings settings, TorchSettings torch) {
        TorchModel model = TorchModel.load(
                OnnxModel.parse(part.onnx()),
                torch.withStatistics(settings.statisticsMomentum(), settings.statisticsPrior()));
        return new Learner(model, part.manifest(), new Sgd(model, learningRate, settings.momentum()), settings);
    }

    TorchModel model() {
        return model;
    }

    ModelManifest manifest() {
        return manifest;
    }

    /** Images as this model wants them: float32 [n, 3, height, width]. */
    Tensor input(List<Image> images) {
        int size = 3 * manifest.height() * manifest.width();
        float[] values = new float[images.size() * size];
        for (int i = 0; i < images.size(); i++) {
            float[] one =
                    ImageCodec.toTensor(images.get(i), manifest.height(), manifest.width(), manifest.preprocessing());
            System.arraycopy(one, 0, values, i * size, size);
        }
        return TensorData.of(values, images.size(), 3, manifest.height(), manifest.width());
    }

    /**
     * Logits with gradient under {@link NormMode#RENORM}. The first batches of a domain count alike, so that the statistics
     * do not hang on the very first one; later ones follow with the settings' momentum.
     */
    Tensor learn(Tensor input) {
        batches++;
        share = averageStart ? Math.max(statisticsMomentum, 1.0 / batches) : statisticsMomentum;
        model.followBy(share);
        return model.forward(input, NormMode.RENORM);
    }

    /** Logits with gradient behind this batch's own statistics, blended with the source's as {@link #calibrate} does. */
    Tensor learnBlended(Tensor input) {
        return model.forward(input, NormMode.BLEND);
    }

    /** Logits with gradient behind the statistics of another state and the present scales and shifts. */
    Tensor learnBehind(Tensor input, NormState statistics) {
        // Scales and shifts are not touched: the backward pass is still to come.
        NormState present = model.snapshot();
        try {
            model.statistics(statistics);
            model.followBy(0);
            return model.forward(input, NormMode.RENORM);
        } finally {
            model.statistics(present);
        }
    }

    /** Sets the target statistics from these images, under the present scales and shifts. */
    void calibrate(List<Image> images) {
        model.calibrate(input(images));
    }

    /** Softmax behind the statistics that {@link #calibrate} would give with this share of the source's, kept from now on. */
    double[][] behindPrior(Tensor input, double prior) {
        model.prior(prior);
        return Logits.softmax(Logits.toArrays(model.infer(input, NormMode.BLEND)));
    }

    /** Logits without gradient under the registered scales and shifts, behind this batch's blended statistics. */
    Tensor unlearntLogits(Tensor input) {
        return aside(() -> model.restore(model.unlearnt(1)), () -> model.infer(input, NormMode.BLEND));
    }

    /** Target statistics begin with the next batch. */
    void restartStatistics() {
        model.resetStatistics();
        batches = 0;
    }

    int batches() {
        return batches;
    }

    void batches(int count) {
        batches = count;
    }

    /**
     * Divergence of the batch that was just forwarded under {@link NormMode#RENORM}: from running statistics before and
     * after, the batch's own are worked out.
     *
     * @param before the state before that forward pass
     * @return mean over channels of the symmetric Kullback-Leibler divergence between the two normal distributions,
     *     nats; 0 if no statistics had been started or the model has none
     */
    double divergence(NormState before) {
        NormState after = model.snapshot();
        double sum = 0;
        int channels = 0;
        for (int l = 0; l < before.layers().size(); l++) {
            NormState.Layer old = before.layers().get(l);
            NormState.Layer now = after.layers().get(l);
            if (!old.started()) {
                continue;
            }
            for (int c = 0; c < old.mean().length; c++) {
                sum += normal(old.mean()[c], old.variance()[c])
                        .divergence(normal(
                                batch(old.mean()[c], now.mean()[c]), batch(old.variance()[c], now.variance()[c])));
                channels++;
            }
        }
        return channels == 0 ? 0 : sum / channels;
    }

    private double batch(float before, float after) {
        return before + (after - before) / share;
    }

    private static NormalDistribution normal(double mean, double variance) {
        return new NormalDistribution(mean, Math.max(LEAST_VARIANCE, variance));
    }

    /**
     * One optimiser step down the loss.
     *
     * @param who for the message
     * @return the loss
     * @throws DistillationException the loss, a gradient or a parameter is not finite
     */
    double descend(Tensor loss, String who) {
        double value = loss.item_float();
        if (!Double.isFinite(value)) {
            throw new DistillationException(who + ": the loss is " + value);
        }
        loss.backward();
        sgd.step(who);
        return value;
    }

    /** Runs something with the model under an affine (absolute); puts everything back. */
    <T> T under(AffineParameters affine, Supplier<T> work) {
        return aside(() -> model.adopt(affine), work);
    }

    /** Runs something with the model in another state; puts everything back. */
    <T> T in(NormState state, Supplier<T> work) {
        return aside(() -> model.restore(state), work);
    }

    /**
     * What the model is like once it is calibrated on these images; puts everything back.
     *
     * @param forgetting share of what was learnt that is left out
     */
    <T> T calibrated(List<Image> images, double forgetting, Function<TorchModel, T> look) {
        return aside(
                () -> {
                    model.restore(model.unlearnt(forgetting));
                    calibrate(images);
                },
                () -> look.apply(model));
    }

    /** Runs something with the model as it was registered; puts everything back. */
    <T> T asSource(Supplier<T> work) {
        return aside(model::reset, work);
    }

    private <T> T aside(Runnable change, Supplier<T> work) {
        NormState present = model.snapshot();
        try {
            change.run();
            return work.get();
        } finally {
            model.restore(present);
        }
    }

    /** Logits without gradient. */
    Tensor logits(Tensor input, NormMode mode) {
        return model.infer(input, mode);
    }

    /** Logits without gradient, [images][classes]. */
    float[][] logits(List<Image> images, NormMode mode) {
        List<float[]> logits = new ArrayList<>(images.size());
        inBatches(images, input -> logits.addAll(List.of(Logits.toArrays(model.infer(input, mode)))));
        return logits.toArray(float[][]::new);
    }

    /** Shows some of the model's values on the way, {@link #AT_ONCE} images at a time; see {@link TorchModel#observe}. */
    void observe(List<Image> images, NormMode mode, Map<String, Consumer<Tensor>> observers) {
        inBatches(images, input -> model.observe(input, mode, observers));
    }

    private void inBatches(List<Image> images, Consumer<Tensor> run) {
        for (int from = 0; from < images.size(); from += AT_ONCE) {
            try (PointerScope scope = new PointerScope()) {
                run.accept(input(images.subList(from, Math.min(images.size(), from + AT_ONCE))));
            }
        }
    }

    Sgd sgd() {
        return sgd;
    }

    void reset() {
        model.reset();
        sgd.reset();
        batches = 0;
    }

    @Override
    public void close() {
        model.close();
    }
}
