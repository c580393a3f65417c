package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdjustedInformationTest {
    private static final int CLASSES = 6;

    @Test
    void of_groupsOfClassesOfTheirOwn_isOne() {
        assertThat(AdjustedInformation.of(List.of(cycle(30, 0, 3), cycle(24, 3, 6)), CLASSES))
                .isCloseTo(1, within(1e-9));
    }

    @Test
    void of_groupsThatShowTheSame_isAboutNothing() {
        // Evenly dealt out is even less than chance.
        assertThat(AdjustedInformation.of(List.of(cycle(30, 0, 6), cycle(24, 0, 6)), CLASSES))
                .isBetween(-0.2, 0.0);
    }

    @Test
    void of_twoByTwo_isAsWorkedOutByHand() {
        // {0, 0} and {0, 1}: I = 0.2158, its mean over the orders of 0001 the same; 2 * 2 members say nothing beyond
        // chance.
        assertThat(AdjustedInformation.of(List.of(new int[] {0, 0}, new int[] {0, 1}), 2))
                .isCloseTo(0, within(1e-9));
        // {0, 0} and {1, 1}: I = ln 2; of the six orders of 0011 two have that and four have none.
        assertThat(AdjustedInformation.of(List.of(new int[] {0, 0}, new int[] {1, 1}), 2))
                .isCloseTo(1, within(1e-9));
        // {0, 1} and {0, 1}: none, where ln 2 / 3 is the mean.
        assertThat(AdjustedInformation.of(List.of(new int[] {0, 1}, new int[] {0, 1}), 2))
                .isCloseTo(-0.5, within(1e-9));
    }

    @Test
    void of_classesDealtOutByChance_isNothingInTheMean() {
        Random random = new Random(5);
        double sum = 0;
        double most = 0;
        for (int i = 0; i < 200; i++) {
            List<Integer> all = new ArrayList<>();
            IntStream.range(0, 48).forEach(k -> all.add(k % CLASSES));
            Collections.shuffle(all, random);
            double one = AdjustedInformation.of(
                    List.of(ints(all.subList(0, 30)), ints(all.subList(30, 40)), ints(all.subList(40, 48))), CLASSES);
            sum += one;
            most = Math.max(most, one);
        }
        assertThat(sum / 200).isCloseTo(0, within(0.01));
        assertThat(most).isLessThan(0.5);
    }

    @Test
    void of_oneClassAlone_isNothing() {
        assertThat(AdjustedInformation.of(List.of(new int[30], new int[20]), CLASSES))
                .isZero();
    }

    private static int[] cycle(int count, int from, int to) {
        return IntStream.range(0, count).map(i -> from + i % (to - from)).toArray();
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(i -> i).toArray();
    }
}
