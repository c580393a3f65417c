package io.cema.protocol.model;

import io.cema.protocol.model.AffineParameters.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Affine updates of a usual size for tests. */
public final class RandomAffines {
    private RandomAffines() {}

    /** As distillation leaves it: most channels moved a little, some a lot; shifts more than scales. */
    public static AffineParameters realistic(List<NormLayer> of, long seed) {
        Random random = new Random(seed);
        List<Layer> layers = new ArrayList<>();
        for (NormLayer layer : of) {
            float[] scale = new float[layer.channels()];
            float[] shift = new float[layer.channels()];
            for (int c = 0; c < scale.length; c++) {
                scale[c] = (float) (0.05 * random.nextGaussian());
                shift[c] = (float) (0.15 * random.nextGaussian());
            }
            layers.add(new Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }
}
