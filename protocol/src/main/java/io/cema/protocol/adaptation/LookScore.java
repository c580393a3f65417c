package io.cema.protocol.adaptation;

import io.cema.protocol.image.ImageFeatures;
import java.util.Arrays;

/**
 * How well an image's look goes with an expert, as a linear function of {@link ImageFeatures}: of several experts the one
 * with the highest score is chosen. Immutable; the array is owned by the record, do not write to it.
 *
 * @param weights per feature
 * @param bias score where all features are 0
 */
public record LookScore(float[] weights, float bias) {
    public LookScore {
        if (weights.length != ImageFeatures.COUNT) {
            throw new IllegalArgumentException(
                    "a look's score needs " + ImageFeatures.COUNT + " weights, has " + weights.length);
        }
        for (int i = 0; i < weights.length; i++) {
            if (!Float.isFinite(weights[i])) {
                throw new IllegalArgumentException("weight " + i + " of a look's score is " + weights[i]);
            }
        }
        if (!Float.isFinite(bias)) {
            throw new IllegalArgumentException("the bias of a look's score is " + bias);
        }
    }

    /** @param features of one image, length {@link ImageFeatures#COUNT} */
    public double of(double[] features) {
        double score = bias;
        for (int i = 0; i < weights.length; i++) {
            score += weights[i] * features[i];
        }
        return score;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LookScore s && Arrays.equals(weights, s.weights) && Float.compare(bias, s.bias) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(weights) + Float.hashCode(bias);
    }

    @Override
    public String toString() {
        return "LookScore[" + Arrays.toString(weights) + ", " + bias + "]";
    }
}
