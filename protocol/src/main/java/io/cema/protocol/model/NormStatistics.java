package io.cema.protocol.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Mean and variance of each channel that goes into a batch normalisation, over images and pixels; for every layer that has
 * running statistics, in manifest order. Immutable.
 */
public record NormStatistics(List<Layer> layers) {
    public NormStatistics {
        layers = List.copyOf(layers);
    }

    /**
     * One layer. The arrays are owned by the record; do not write to them.
     *
     * @param name the normalisation layer's name
     * @param mean float32, length = channels
     * @param variance of the whole, not corrected for the mean's own error; float32, length = channels
     */
    public record Layer(String name, float[] mean, float[] variance) {
        public Layer {
            if (mean.length != variance.length) {
                throw new IllegalArgumentException(
                        "layer " + name + ": " + mean.length + " means but " + variance.length + " variances");
            }
        }

        public int channels() {
            return mean.length;
        }
    }

    /** Channels over all layers. */
    public int channels() {
        return layers.stream().mapToInt(Layer::channels).sum();
    }

    /** @throws IllegalArgumentException naming the layer that differs, if these are another model's */
    public void requireMatches(NormStatistics expected) {
        if (layers.size() != expected.layers.size()) {
            throw new IllegalArgumentException("the model has " + expected.layers.size()
                    + " layers with statistics, these are of " + layers.size());
        }
        for (int i = 0; i < layers.size(); i++) {
            Layer have = layers.get(i);
            Layer want = expected.layers.get(i);
            if (!have.name().equals(want.name()) || have.channels() != want.channels()) {
                throw new IllegalArgumentException("layer " + want.name() + " has " + want.channels()
                        + " channels, the statistics have " + have.name() + " with " + have.channels());
            }
        }
    }

    /** @throws IllegalArgumentException naming the first channel that is not finite or has a negative variance */
    public void requireSound() {
        for (Layer layer : layers) {
            for (int c = 0; c < layer.channels(); c++) {
                if (!Float.isFinite(layer.mean()[c]) || !(layer.variance()[c] >= 0 && layer.variance()[c] < 1e30f)) {
                    throw new IllegalArgumentException("layer " + layer.name() + ", channel " + c + ": mean "
                            + layer.mean()[c] + ", variance " + layer.variance()[c] + " are no statistics");
                }
            }
        }
    }

    /**
     * Statistics of several sets of images taken together, by the law of total variance: the mean of the variances and the
     * variance of the means.
     *
     * @param parts of one model
     * @param weights how many images each is of, above 0
     */
    public static NormStatistics pooled(List<NormStatistics> parts, double[] weights) {
        if (parts.isEmpty() || parts.size() != weights.length) {
            throw new IllegalArgumentException(parts.size() + " statistics and " + weights.length + " weights");
        }
        NormStatistics first = parts.get(0);
        parts.forEach(part -> part.requireMatches(first));
        List<Layer> layers = new ArrayList<>();
        for (int l = 0; l < first.layers.size(); l++) {
            int layer = l;
            layers.add(pooledLayer(
                    parts.stream().map(part -> part.layers.get(layer)).toList(), weights));
        }
        return new NormStatistics(layers);
    }

    private static Layer pooledLayer(List<Layer> parts, double[] weights) {
        float[] mean = new float[parts.get(0).channels()];
        float[] variance = new float[mean.length];
        for (int c = 0; c < mean.length; c++) {
            double total = 0;
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                total += weights[i];
                sum += weights[i] * parts.get(i).mean()[c];
            }
            double centre = sum / total;
            double spread = 0;
            for (int i = 0; i < weights.length; i++) {
                double off = parts.get(i).mean()[c] - centre;
                spread += weights[i] * (parts.get(i).variance()[c] + off * off);
            }
            mean[c] = (float) centre;
            variance[c] = (float) (spread / total);
        }
        return new Layer(parts.get(0).name(), mean, variance);
    }

    /**
     * A convex mix with the source's, mean and variance each, as in Schneider et al. (NeurIPS 2020): a prior of N images
     * beside n measured ones is a share of N / (N + n).
     *
     * @param prior share of the source's, 0 to 1
     */
    public NormStatistics blended(NormStatistics source, double prior) {
        requireMatches(source);
        if (!(prior >= 0 && prior <= 1)) {
            throw new IllegalArgumentException("the source's share must be from 0 to 1, is " + prior);
        }
        List<Layer> mixed = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            Layer own = layers.get(l);
            Layer other = source.layers.get(l);
            float[] mean = new float[own.channels()];
            float[] variance = new float[own.channels()];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = (float) ((1 - prior) * own.mean()[c] + prior * other.mean()[c]);
                variance[c] = (float) ((1 - prior) * own.variance()[c] + prior * other.variance()[c]);
            }
            mixed.add(new Layer(own.name(), mean, variance));
        }
        return new NormStatistics(mixed);
    }
}
