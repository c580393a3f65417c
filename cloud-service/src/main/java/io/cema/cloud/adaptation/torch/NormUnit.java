package io.cema.cloud.adaptation.torch;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.onnx.NormSite;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** One normalisation layer's parameters and, for batch normalisation, statistics and computation. Owns its tensors. */
final class NormUnit implements AutoCloseable {
    /** PyTorch's own momentum of running statistics in ordinary training. */
    private static final double TRAINING_MOMENTUM = 0.1;

    /** Nats from the source's statistics at which a channel takes half of the prior. */
    private static final double FAR = 1.5;

    private static final double LEAST_VARIANCE = 1e-8;

    private final NormLayer layer;
    private final NormSite site;
    private final TorchSettings settings;
    /** Parameters in the shape the graph has them in, with gradient. */
    private final Tensor gamma;

    private final Tensor beta;
    /** Statistics, [channels]; null where the kind has none. */
    private final Tensor sourceMean;

    private final Tensor sourceVariance;
    private final Tensor targetMean;
    private final Tensor targetVariance;
    /** Whether the target statistics hold anything. */
    private boolean started;
    /** Share of the next batch in the running target statistics. */
    private double momentum;
    /** Share of the source statistics in blended and in first target statistics. */
    private double prior;

    NormUnit(NormSite site, TorchSettings settings) {
        this.site = site;
        this.layer = site.layer();
        this.settings = settings;
        this.momentum = settings.momentum();
        this.prior = settings.sourceWeight();
        this.gamma = owned(TensorData.of(site.gamma().constant()));
        this.beta = owned(site.beta()
                .map(b -> TensorData.of(b.constant()))
                .orElseGet(() -> TensorData.of(
                        new float[layer.channels()], site.gamma().constant().dims())));
        // Not chained: what these calls return is a second handle that does not own the tensor.
        gamma.set_requires_grad(true);
        beta.set_requires_grad(true);
        if (layer.kind().hasRunningStatistics()) {
            sourceMean = owned(TensorData.of(site.mean().orElseThrow().constant()));
            sourceVariance = owned(TensorData.of(site.variance().orElseThrow().constant()));
            targetMean = owned(sourceMean.clone());
            targetVariance = owned(sourceVariance.clone());
        } else {
            sourceMean = null;
            sourceVariance = null;
            targetMean = null;
            targetVariance = null;
        }
    }

    private Tensor owned(Tensor tensor) {
        return TensorData.on(tensor, settings.device()).retainReference();
    }

    NormSite site() {
        return site;
    }

    Tensor gamma() {
        return gamma;
    }

    Tensor beta() {
        return beta;
    }

    /** Batch normalisation of x [batch, channels, ...]. */
    Tensor batchNorm(Tensor x, NormMode mode) {
        return switch (mode) {
            case SOURCE -> fixed(x, sourceMean, sourceVariance);
            case TARGET -> started ? fixed(x, targetMean, targetVariance) : fixed(x, sourceMean, sourceVariance);
            case BATCH -> normalise(x, gamma, beta, new TensorOptional(), new TensorOptional(), true);
            case TRAIN ->
                normalise(x, gamma, beta, new TensorOptional(sourceMean), new TensorOptional(sourceVariance), true);
            case RENORM -> renormalise(x, true);
            case BLEND -> renormalise(x, false);
        };
    }

    private Tensor fixed(Tensor x, Tensor mean, Tensor variance) {
        return normalise(x, gamma, beta, new TensorOptional(mean), new TensorOptional(variance), false);
    }

    private Tensor normalise(
            Tensor x, Tensor scale, Tensor shift, TensorOptional mean, TensorOptional variance, boolean batch) {
        return torch.batch_norm(
                x,
                new TensorOptional(scale),
                new TensorOptional(shift),
                mean,
                variance,
                batch,
                TRAINING_MOMENTUM,
                layer.epsilon(),
                false);
    }

    /**
     * xhat * r + d with r = sigma_B / sigma and d = (mu_B - mu) / sigma, both without gradient, then scale and shift;
     * written as batch normalisation with scale gamma * r and shift beta + gamma * d, which needs one pass less.
     *
     * @param running whether (mu, sigma) are the running statistics, or this batch's blended with the source's
     */
    private Tensor renormalise(Tensor x, boolean running) {
        Tensor ratio;
        Tensor offset;
        try (AutoGradMode off = new AutoGradMode(false)) {
            // Mean and biased variance; several times faster than var_mean over the same axes.
            T_TensorTensor_T moments = torch.batch_norm_update_stats(x, new TensorOptional(), new TensorOptional(), 0);
            Tensor mean = moments.get0();
            Tensor variance = moments.get1();
            Tensor wantedMean = targetMean;
            Tensor wantedVariance = targetVariance;
            if (running) {
                follow(mean, variance);
            } else {
                Tensor share = sourceShare(mean, variance);
                wantedMean = torch.lerp(mean, sourceMean, share);
                wantedVariance = torch.lerp(variance, sourceVariance, share);
            }
            Tensor epsilon = scalar(layer.epsilon(), x);
            Tensor inverse = torch.rsqrt(torch.add(wantedVariance, epsilon));
            ratio = torch.mul(torch.sqrt(torch.add(variance, epsilon)), inverse);
            offset = torch.mul(torch.sub(mean, wantedMean), inverse);
        }
        return normalise(
                x,
                torch.mul(gamma, ratio),
                torch.add(beta, torch.mul(gamma, offset)),
                new TensorOptional(),
                new TensorOptional(),
                true);
    }

    private void follow(Tensor mean, Tensor variance) {
        if (started) {
            targetMean.lerp_(mean, new Scalar(momentum));
            targetVariance.lerp_(variance, new Scalar(momentum));
        } else {
            Tensor share = sourceShare(mean, variance);
            targetMean.copy_(torch.lerp(mean, sourceMean, share));
            targetVariance.copy_(torch.lerp(variance, sourceVariance, share));
            started = true;
        }
    }

    /**
     * Share of the source statistics, per channel: {@link #prior}, but little of it where the measured ones lie far from the
     * source's. In darkness half of the source's variance would leave hardly any signal. A prior of 1 leaves the
     * source's as they are.
     */
    private Tensor sourceShare(Tensor mean, Tensor variance) {
        if (prior == 1) {
            return scalar(1, mean);
        }
        Tensor least = scalar(LEAST_VARIANCE, mean);
        Tensor source = torch.maximum(sourceVariance, least);
        Tensor measured = torch.maximum(variance, least);
        Tensor offset = torch.square(torch.sub(mean, sourceMean));
        // The symmetric Kullback-Leibler divergence of two normal distributions, times four and plus two.
        Tensor apart = torch.add(
                torch.div(torch.add(measured, offset), source), torch.div(torch.add(source, offset), measured));
        Tensor distance = torch.mul(torch.sub(apart, scalar(2, mean)), new Scalar(0.25 / FAR));
        return torch.div(scalar(prior, mean), torch.add(torch.square(distance), scalar(1, mean)));
    }

    private static Tensor scalar(double value, Tensor like) {
        return torch.full(new long[0], new Scalar(value), like.options());
    }

    void momentum(double share) {
        momentum = share;
    }

    void prior(double share) {
        prior = share;
    }

    double prior() {
        return prior;
    }

    /** Forgets the target statistics. */
    void resetStatistics() {
        started = false;
        if (targetMean != null) {
            targetMean.copy_(sourceMean);
            targetVariance.copy_(sourceVariance);
        }
    }

    /** y = scale * x + shift of inference, see {@link AffineParameters}. Computed in double. */
    AffineParameters.Layer effectiveAffine(boolean target) {
        float[] scale = TensorData.floats(gamma);
        float[] shift = TensorData.floats(beta);
        if (layer.kind().hasRunningStatistics()) {
            float[] mean = mean(target);
            float[] variance = variance(target);
            for (int c = 0; c < scale.length; c++) {
                double a = scale[c] / Math.sqrt(variance[c] + layer.epsilon());
                shift[c] = (float) (shift[c] - mean[c] * a);
                scale[c] = (float) a;
            }
        }
        return new AffineParameters.Layer(layer.name(), scale, shift);
    }

    /** Sets scale and shift so that the effective affine under the target statistics is the given one. */
    void adopt(AffineParameters.Layer affine) {
        float[] scale = affine.scale().clone();
        float[] shift = affine.shift().clone();
        if (layer.kind().hasRunningStatistics()) {
            float[] mean = mean(true);
            float[] variance = variance(true);
            for (int c = 0; c < scale.length; c++) {
                shift[c] = (float) (shift[c] + (double) mean[c] * scale[c]);
                scale[c] = (float) (scale[c] * Math.sqrt(variance[c] + layer.epsilon()));
            }
        }
        assign(gamma, scale);
        assign(beta, shift);
    }

    /** The statistics as arrays; the model's own ones while no target was seen. */
    float[] mean(boolean target) {
        return TensorData.floats(target && started ? targetMean : sourceMean);
    }

    float[] variance(boolean target) {
        return TensorData.floats(target && started ? targetVariance : sourceVariance);
    }

    NormState.Layer snapshot() {
        boolean statistics = layer.kind().hasRunningStatistics();
        return new NormState.Layer(
                layer.name(),
                started,
                TensorData.floats(gamma),
                TensorData.floats(beta),
                statistics ? TensorData.floats(targetMean) : new float[0],
                statistics ? TensorData.floats(targetVariance) : new float[0]);
    }

    void requireFits(NormState.Layer state) {
        int statistics = layer.kind().hasRunningStatistics() ? layer.channels() : 0;
        if (!state.name().equals(layer.name())
                || state.gamma().length != layer.channels()
                || state.beta().length != layer.channels()
                || state.mean().length != statistics
                || state.variance().length != statistics) {
            throw new IllegalArgumentException("node " + layer.name() + " has " + layer.channels()
                    + " channels, the state carries " + state.name() + " with " + state.gamma().length);
        }
    }

    void restore(NormState.Layer state) {
        assign(gamma, state.gamma());
        assign(beta, state.beta());
        statistics(state);
    }

    /** The target statistics of a state that fits. */
    void statistics(NormState.Layer state) {
        started = state.started();
        if (targetMean != null) {
            assign(targetMean, state.mean());
            assign(targetVariance, state.variance());
        }
    }

    /** Writes values into a tensor in place, so that an optimiser's handle on it stays right. */
    static void assign(Tensor target, float[] values) {
        try (PointerScope scope = new PointerScope();
                AutoGradMode off = new AutoGradMode(false)) {
            target.copy_(TensorData.of(values, target.shape()));
        }
    }

    @Override
    public void close() {
        for (Tensor tensor : new Tensor[] {gamma, beta, sourceMean, sourceVariance, targetMean, targetVariance}) {
            if (tensor != null) {
                tensor.close();
            }
        }
    }
}
