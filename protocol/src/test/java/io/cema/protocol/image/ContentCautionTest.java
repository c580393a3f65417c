package io.cema.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ContentCautionTest {
    @Test
    void factor_everyClassAlike_isOne() {
        assertThat(ContentCaution.factor(new int[] {3, 3, 3, 3, 4, 3, 3, 3, 3, 4}))
                .isCloseTo(1, within(1e-9));
    }

    @Test
    void factor_oneClass_isFour() {
        assertThat(ContentCaution.factor(new int[] {0, 32, 0, 0})).isCloseTo(4, within(1e-9));
    }

    @Test
    void factor_fewerClasses_isMore() {
        double two = ContentCaution.factor(new int[] {16, 16, 0, 0, 0, 0, 0, 0, 0, 0});
        double five = ContentCaution.factor(new int[] {6, 6, 7, 6, 7, 0, 0, 0, 0, 0});

        assertThat(five).isBetween(1.5, two);
        assertThat(two).isLessThan(4);
    }

    @Test
    void factor_moreClassesThanFrames_canBeOne() {
        int[] counts = new int[1000];
        Arrays.fill(counts, 0, 32, 1);

        assertThat(ContentCaution.factor(counts)).isCloseTo(1, within(1e-9));
    }

    @Test
    void factor_noFrames_isOne() {
        assertThat(ContentCaution.factor(new int[10])).isEqualTo(1);
    }
}
