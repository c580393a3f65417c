package io.cema.bench.serving;

import io.cema.protocol.model.AffineParameters;
import java.util.List;
import java.util.Random;

/** Updates that change a model a little, each another way: the guard of the agent takes them. One thread. */
final class SmallChanges {
    private final AffineParameters base;
    private final double largest;
    private final Random random;

    /** @param largest change of a scale, as a fraction of it */
    SmallChanges(AffineParameters base, double largest, Random random) {
        this.base = base;
        this.largest = largest;
        this.random = random;
    }

    /** A difference to the model's own affine. */
    AffineParameters next() {
        List<AffineParameters.Layer> layers = base.layers().stream()
                .map(layer -> {
                    float[] scale = new float[layer.scale().length];
                    for (int c = 0; c < scale.length; c++) {
                        scale[c] = (float) (layer.scale()[c] * largest * (2 * random.nextDouble() - 1));
                    }
                    return new AffineParameters.Layer(layer.name(), scale, new float[scale.length]);
                })
                .toList();
        return new AffineParameters(layers);
    }
}
