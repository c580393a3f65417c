package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LogitsTest {
    private static final double[][] TURNS = {{1, 0}, {0, 1}, {1, 0}, {0, 1}};

    @Test
    void entropyOfMean_halfAndHalf_isOneBit() {
        assertThat(Logits.entropyOfMean(TURNS)).isCloseTo(Math.log(2), within(1e-9));
    }

    @Test
    void softmax_rowsSumToOne() {
        double[][] p = Logits.softmax(new float[][] {{1000, 1000}, {0, (float) Math.log(3)}});

        assertThat(p[0]).containsExactly(new double[] {0.5, 0.5}, within(1e-6));
        assertThat(p[1]).containsExactly(new double[] {0.25, 0.75}, within(1e-6));
    }
}
