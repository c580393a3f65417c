package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LogitsTest {
    private static final double[][] TURNS = {{1, 0}, {0, 1}, {1, 0}, {0, 1}};

    @Test
    void agreementBeyondChance_sameClassForEachImage_isOne() {
        assertThat(Logits.agreementBeyondChance(TURNS, TURNS)).isCloseTo(1, within(1e-12));
    }

    @Test
    void agreementBeyondChance_oneOfThemAlwaysTheSame_isNothing() {
        double[][] always = {{1, 0}, {1, 0}, {1, 0}, {1, 0}};

        assertThat(Logits.agreementBeyondChance(TURNS, always)).isCloseTo(0, within(1e-12));
        assertThat(Logits.agreementBeyondChance(always, always)).isZero();
    }

    @Test
    void agreementBeyondChance_threeOfFour_isKappaByHand() {
        double[][] other = {{1, 0}, {0, 1}, {1, 0}, {1, 0}};
        // Agreement 3/4; by chance 1/2 * 3/4 + 1/2 * 1/4 = 1/2.
        assertThat(Logits.agreementBeyondChance(TURNS, other)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void agreementBeyondChance_unsureAnswers_countForLess() {
        double[][] unsure = {{0.8, 0.2}, {0.2, 0.8}, {0.8, 0.2}, {0.2, 0.8}};
        // Agreement 0.8, by chance 1/2.
        assertThat(Logits.agreementBeyondChance(TURNS, unsure)).isCloseTo(0.6, within(1e-12));
    }

    @Test
    void entropyOfMean_halfAndHalf_isOneBit() {
        assertThat(Logits.entropyOfMean(TURNS)).isCloseTo(Math.log(2), within(1e-9));
        assertThat(Logits.mutualInformation(TURNS)).isCloseTo(Math.log(2), within(1e-9));
    }

    @Test
    void softmax_rowsSumToOne() {
        double[][] p = Logits.softmax(new float[][] {{1000, 1000}, {0, (float) Math.log(3)}});

        assertThat(p[0]).containsExactly(new double[] {0.5, 0.5}, within(1e-6));
        assertThat(p[1]).containsExactly(new double[] {0.25, 0.75}, within(1e-6));
    }
}
