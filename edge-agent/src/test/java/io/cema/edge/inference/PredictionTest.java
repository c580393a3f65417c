package io.cema.edge.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PredictionTest {
    @Test
    void fromLogits_equalLogits_entropyIsLnC() {
        assertThat(Prediction.fromLogits(new float[] {3, 3, 3, 3}).entropy()).isCloseTo(Math.log(4), within(1e-12));
    }

    @Test
    void fromLogits_twoClasses_agreesWithDefinition() {
        Prediction prediction = Prediction.fromLogits(new float[] {0, (float) Math.log(3)});

        assertThat(prediction.predictedClass()).isEqualTo(1);
        assertThat(prediction.confidence()).isCloseTo(0.75, within(1e-7));
        assertThat(prediction.entropy()).isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-7));
    }

    @Test
    void fromLogits_hugeLogits_doNotOverflow() {
        Prediction prediction = Prediction.fromLogits(new float[] {3e38f, -3e38f});

        assertThat(prediction.confidence()).isEqualTo(1.0);
        assertThat(prediction.entropy()).isZero();
    }

    @Test
    void fromLogits_nan_isRefused() {
        assertThatThrownBy(() -> Prediction.fromLogits(new float[] {0, Float.NaN}))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("class 1");
    }

    @Property
    void fromLogits_anyLogits_entropyWithinBounds(
            @ForAll @Size(min = 2, max = 50) float @FloatRange(min = -100, max = 100) [] logits) {
        Prediction prediction = Prediction.fromLogits(logits);

        assertThat(prediction.entropy()).isBetween(0.0, Math.log(logits.length) + 1e-9);
        double sum = 0;
        for (float p : prediction.probabilities()) {
            sum += p;
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
    }
}
