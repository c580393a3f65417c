package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.NormSite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * How far some images lie from what a model was trained on, told by its batch normalisation layers: the symmetric
 * Kullback-Leibler divergence, nats, of each channel's values from the normal distribution that the source statistics
 * describe, on average over the channels of a layer and over layers.
 *
 * <p>The layers of the middle half are asked. The first ones tell bright images from dark ones before they tell foul weather
 * from fair, the last ones tell classes. There, 16 images of all classes or of one give nearly what thousands give: about
 * 0.03 on what a model was trained for, 0.05 where it hardly suffers, 0.2 and more where it fails (CIFAR-10). Immutable.
 */
final class SourceDistance {
    /** Most that one channel may say: one that was silent in training is no measure. */
    private static final double MOST = 20;

    private static final double LEAST_VARIANCE = 1e-6;
    /** Added to variances, in units of the source's, before their logarithms are taken. */
    private static final double LEAST_RATIO = 0.05;

    /** Most that a position says of a channel, either way. */
    private static final double FARTHEST = 1.5;

    private final int images;
    private final List<Layer> layers;

    /** Mean and mean square of each image's channels, [image * channels + channel]. */
    private record Moments(float[] mean, float[] square) {}

    private record Layer(float[] sourceMean, float[] sourceVariance, List<Moments> batches) {
        int channels() {
            return sourceMean.length;
        }

        NormalDistribution source(int channel) {
            return normal(sourceMean[channel], sourceVariance[channel]);
        }

        /** Of a channel's values in these images. */
        NormalDistribution measured(int channel, int... chosen) {
            double mean = 0;
            double square = 0;
            for (int i : chosen) {
                Moments batch = batches.get(i / Learner.AT_ONCE);
                int at = i % Learner.AT_ONCE * channels() + channel;
                mean += batch.mean()[at];
                square += batch.square()[at];
            }
            mean /= chosen.length;
            return normal(mean, square / chosen.length - mean * mean);
        }

        private static NormalDistribution normal(double mean, double variance) {
            return new NormalDistribution(mean, Math.max(LEAST_VARIANCE, variance));
        }

        double mean(IntToDoubleFunction ofChannel) {
            return IntStream.range(0, channels())
                    .mapToDouble(ofChannel)
                    .average()
                    .orElseThrow();
        }
    }

    private SourceDistance(int images, List<Layer> layers) {
        this.images = images;
        this.layers = layers;
    }

    /**
     * Of the model as it was registered, behind its own statistics.
     *
     * @return empty if it has no layers with running statistics: it knows nothing of what it was trained on
     */
    static Optional<SourceDistance> of(Learner learner, List<Image> images) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        for (NormSite site : middle(learner.model().source().normSites().stream()
                .filter(s -> s.layer().kind().hasRunningStatistics())
                .toList())) {
            layers.put(
                    site.input(),
                    new Layer(
                            site.mean().orElseThrow().constant().floats(),
                            site.variance().orElseThrow().constant().floats(),
                            new ArrayList<>()));
        }
        if (layers.isEmpty() || images.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Consumer<Tensor>> observers = new LinkedHashMap<>();
        layers.forEach(
                (input, layer) -> observers.put(input, x -> layer.batches().add(moments(x))));
        learner.asSource(() -> {
            learner.observe(images, NormMode.SOURCE, observers);
            return null;
        });
        return Optional.of(new SourceDistance(images.size(), List.copyOf(layers.values())));
    }

    private static <T> List<T> middle(List<T> all) {
        return all.subList(all.size() / 4, all.size() - all.size() / 4);
    }

    /** @param x [images, channels, ...] */
    private static Moments moments(Tensor x) {
        try (PointerScope scope = new PointerScope()) {
            Tensor flat = x.reshape(x.size(0), x.size(1), -1);
            return new Moments(
                    TensorData.floats(flat.mean(new long[] {2}, false, new ScalarTypeOptional())),
                    TensorData.floats(flat.square().mean(new long[] {2}, false, new ScalarTypeOptional())));
        }
    }

    /** Images measured. */
    int images() {
        return images;
    }

    /** Of all images together, nats. */
    double ofAll() {
        return of(IntStream.range(0, images).toArray());
    }

    /** Of some images together, nats. */
    double of(int[] chosen) {
        return mean(layer -> c -> divergence(layer.source(c), layer.measured(c, chosen)));
    }

    /** Of some images from others, each lot taken together, nats. */
    double between(int[] some, int[] others) {
        return mean(layer -> c -> divergence(layer.measured(c, some), layer.measured(c, others)));
    }

    private static double divergence(NormalDistribution one, NormalDistribution other) {
        return Math.min(MOST, one.divergence(other));
    }

    private double mean(Function<Layer, IntToDoubleFunction> ofChannel) {
        return layers.stream()
                .mapToDouble(layer -> layer.mean(ofChannel.apply(layer)))
                .average()
                .orElseThrow();
    }

    /**
     * Where each image lies from the source: of each channel the offset of its mean in standard deviations, and half the
     * logarithm of the ratio of its variances, both limited: far away it matters less how far. Images of one domain lie
     * close together, whatever they show.
     *
     * @return [images][2 * channels of all layers]
     */
    double[][] positions() {
        int channels = layers.stream().mapToInt(Layer::channels).sum();
        double[][] positions = new double[images][2 * channels];
        for (int i = 0; i < images; i++) {
            int at = 0;
            for (Layer layer : layers) {
                for (int c = 0; c < layer.channels(); c++) {
                    NormalDistribution source = layer.source(c);
                    NormalDistribution here = layer.measured(c, i);
                    positions[i][at++] = limited((here.mean() - source.mean()) / Math.sqrt(source.variance()));
                    double least = LEAST_RATIO * source.variance();
                    double ratio = (here.variance() + least) / (source.variance() + least);
                    positions[i][at++] = limited(Math.log(ratio) / 2);
                }
            }
        }
        return positions;
    }

    private static double limited(double value) {
        return FARTHEST * Math.tanh(value / FARTHEST);
    }
}
