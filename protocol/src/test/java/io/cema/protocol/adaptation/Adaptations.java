package io.cema.protocol.adaptation;

import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.AffineParameters.Layer;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.RandomAffines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Adaptations of a small model, as the tests of this package need them. */
final class Adaptations {
    static final List<NormLayer> LAYERS = List.of(
            new NormLayer("bn1", NormKind.BATCH, 4, 1e-5, false), new NormLayer("bn2", NormKind.BATCH, 7, 1e-5, false));

    private Adaptations() {}

    static AffineParameters affine(long seed) {
        return RandomAffines.realistic(LAYERS, seed);
    }

    /** Every value of every channel. */
    static AffineParameters constant(float value) {
        return new AffineParameters(LAYERS.stream()
                .map(l -> new Layer(l.name(), filled(l.channels(), value), filled(l.channels(), value)))
                .toList());
    }

    private static float[] filled(int length, float value) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return values;
    }

    /** Of one affine without a look, or of several with random ones. */
    static Adaptation of(int experts, long seed) {
        List<Expert> all = new ArrayList<>();
        for (int i = 0; i < experts; i++) {
            all.add(new Expert(affine(seed + i), experts == 1 ? Optional.empty() : Optional.of(look(seed + i))));
        }
        return new Adaptation(all);
    }

    static LookScore look(long seed) {
        Random random = new Random(seed);
        float[] weights = new float[ImageFeatures.COUNT];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (10 * random.nextGaussian());
        }
        return new LookScore(weights, (float) random.nextGaussian());
    }

    /** The score is {@code weight} times one feature, and the bias. */
    static LookScore look(int feature, float weight, float bias) {
        float[] weights = new float[ImageFeatures.COUNT];
        weights[feature] = weight;
        return new LookScore(weights, bias);
    }

    /** All features 0 but one. */
    static double[] features(int feature, double value) {
        double[] features = new double[ImageFeatures.COUNT];
        features[feature] = value;
        return features;
    }
}
