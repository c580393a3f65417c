package io.cema.protocol.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.image.ImageFeatures;
import org.junit.jupiter.api.Test;

class LookScoreTest {
    @Test
    void of_features_isTheWeightedSumAndTheBias() {
        float[] weights = new float[ImageFeatures.COUNT];
        double[] features = new double[ImageFeatures.COUNT];
        double expected = -2.5;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i - 4;
            features[i] = 0.25 * i;
            expected += (i - 4) * 0.25 * i;
        }

        assertThat(new LookScore(weights, -2.5f).of(features)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void of_greatestWeights_isFinite() {
        float[] weights = new float[ImageFeatures.COUNT];
        double[] features = new double[ImageFeatures.COUNT];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Float.MAX_VALUE;
            features[i] = 1e6;
        }

        assertThat(new LookScore(weights, Float.MAX_VALUE).of(features)).isFinite();
    }

    @Test
    void new_tooFewWeights_isRefused() {
        assertThatThrownBy(() -> new LookScore(new float[ImageFeatures.COUNT - 1], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a look's score needs 13 weights, has 12");
    }

    @Test
    void new_tooManyWeights_isRefused() {
        assertThatThrownBy(() -> new LookScore(new float[ImageFeatures.COUNT + 1], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a look's score needs 13 weights, has 14");
    }

    @Test
    void new_weightNotFinite_isRefusedByPlace() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> Adaptations.look(7, bad, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("weight 7 of a look's score is " + bad);
        }
    }

    @Test
    void new_biasNotFinite_isRefused() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> Adaptations.look(0, 1, bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the bias of a look's score is " + bad);
        }
    }

    @Test
    void equals_sameNumbers_isEqualWithTheSameHash() {
        assertThat(Adaptations.look(3)).isEqualTo(Adaptations.look(3)).hasSameHashCodeAs(Adaptations.look(3));
        assertThat(Adaptations.look(3)).isNotEqualTo(Adaptations.look(4));
        assertThat(Adaptations.look(0, 1, 0f)).as("bias").isNotEqualTo(Adaptations.look(0, 1, 1f));
        assertThat(Adaptations.look(0, 1, 0f)).as("other bits, other hash").isNotEqualTo(Adaptations.look(0, 1, -0f));
    }
}
