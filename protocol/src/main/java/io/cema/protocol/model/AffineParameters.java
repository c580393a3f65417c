package io.cema.protocol.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Effective affine of every normalisation layer of one model, in manifest order: y = scale[c] * x + shift[c], where x
 * is the layer's input for {@link NormKind#BATCH} and the normalised input for the others. Immutable.
 *
 * @param layers one entry per normalisation layer
 */
public record AffineParameters(List<Layer> layers) {
    public AffineParameters {
        layers = List.copyOf(layers);
    }

    /**
     * One layer's pair. The arrays are owned by the record; do not write to them.
     *
     * @param name the normalisation layer's name
     * @param scale float32, length = channels
     * @param shift float32, length = channels
     */
    public record Layer(String name, float[] scale, float[] shift) {
        public Layer {
            if (scale.length != shift.length) {
                throw new IllegalArgumentException(
                        "layer " + name + ": " + scale.length + " scales but " + shift.length + " shifts");
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Layer l
                    && name.equals(l.name)
                    && Arrays.equals(scale, l.scale)
                    && Arrays.equals(shift, l.shift);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * name.hashCode() + Arrays.hashCode(scale)) + Arrays.hashCode(shift);
        }
    }

    /** Throws IllegalArgumentException naming layer and channel counts if these are not the parameters of that model. */
    public void requireMatches(List<NormLayer> expected) {
        if (layers.size() != expected.size()) {
            throw new IllegalArgumentException(
                    "model has " + expected.size() + " normalisation layers, parameters carry " + layers.size());
        }
        for (int i = 0; i < layers.size(); i++) {
            Layer have = layers.get(i);
            NormLayer want = expected.get(i);
            if (!have.name().equals(want.name()) || have.scale().length != want.channels()) {
                throw new IllegalArgumentException("node " + want.name() + " has " + want.channels()
                        + " channels, parameters carry " + have.name() + " with " + have.scale().length);
            }
        }
    }

    /** Throws IllegalArgumentException naming the first layer and channel that is NaN or infinite. */
    public void requireFinite() {
        for (Layer layer : layers) {
            for (int c = 0; c < layer.scale().length; c++) {
                if (!Float.isFinite(layer.scale()[c]) || !Float.isFinite(layer.shift()[c])) {
                    throw new IllegalArgumentException("node " + layer.name() + ", channel " + c + ": scale "
                            + layer.scale()[c] + ", shift " + layer.shift()[c] + " is not finite");
                }
            }
        }
    }

    /** Channels over all layers. */
    public int channels() {
        return layers.stream().mapToInt(l -> l.scale().length).sum();
    }

    /** this - base, layer by layer. */
    public AffineParameters minus(AffineParameters base) {
        return combine(base, -1);
    }

    /** this + difference, layer by layer. */
    public AffineParameters plus(AffineParameters difference) {
        return combine(difference, 1);
    }

    private AffineParameters combine(AffineParameters other, int sign) {
        if (other.layers.size() != layers.size()) {
            throw new IllegalArgumentException(layers.size() + " layers against " + other.layers.size());
        }
        List<Layer> result = new ArrayList<>(layers.size());
        for (int i = 0; i < layers.size(); i++) {
            Layer a = layers.get(i);
            Layer b = other.layers.get(i);
            if (!a.name().equals(b.name()) || a.scale().length != b.scale().length) {
                throw new IllegalArgumentException("layer " + a.name() + " (" + a.scale().length + ") against "
                        + b.name() + " (" + b.scale().length + ")");
            }
            float[] scale = new float[a.scale().length];
            float[] shift = new float[a.scale().length];
            for (int c = 0; c < scale.length; c++) {
                scale[c] = a.scale()[c] + sign * b.scale()[c];
                shift[c] = a.shift()[c] + sign * b.shift()[c];
            }
            result.add(new Layer(a.name(), scale, shift));
        }
        return new AffineParameters(result);
    }
}
