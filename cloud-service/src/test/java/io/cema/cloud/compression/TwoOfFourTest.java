package io.cema.cloud.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TwoOfFourTest {
    /** [outputs 2, inputs 8, 1x3 kernel]. */
    private static final WeightLayer CONV = new WeightLayer("conv", "Conv", "w", 2, 8, 3, 24, 3);

    /** A matrix with the inputs first: [8, 2]. */
    private static final WeightLayer MATRIX = new WeightLayer("matrix", "MatMul", "w", 2, 8, 1, 1, 2);

    @Test
    void mask_keepsTheTwoLargestOfFourInputChannels() {
        float[] weights = new float[16];
        float[] ofFirstOutput = {1, -4, 3, 2, 0, 0, -1, 5};
        for (int i = 0; i < 8; i++) {
            weights[MATRIX.index(0, i, 0)] = ofFirstOutput[i];
        }

        float[] mask = TwoOfFour.mask(MATRIX, weights);

        float[] kept = new float[8];
        for (int i = 0; i < 8; i++) {
            kept[i] = mask[MATRIX.index(0, i, 0)];
        }
        assertThat(kept).containsExactly(0, 1, 1, 0, 0, 0, 1, 1);
    }

    @Property(tries = 50)
    void mask_anyWeights_leavesNoViolationAndHalfOfThem(@ForAll long seed) {
        for (WeightLayer layer : new WeightLayer[] {CONV, MATRIX}) {
            Random random = new Random(seed);
            float[] weights = new float[layer.size()];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) random.nextGaussian();
            }
            float[] mask = TwoOfFour.mask(layer, weights);
            int kept = 0;
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= mask[i];
                kept += (int) mask[i];
            }

            assertThat(TwoOfFour.violations(layer, weights)).isZero();
            assertThat(kept).isEqualTo(weights.length / 2);
        }
    }
}
