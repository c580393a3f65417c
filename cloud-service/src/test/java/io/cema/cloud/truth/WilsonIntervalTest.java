package io.cema.cloud.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WilsonIntervalTest {
    /** Newcombe (1998), table I: 81 of 263 and 0 of 20. */
    @Test
    void of_publishedCases_isAsPublished() {
        assertThat(WilsonInterval.of(81, 263).low()).isCloseTo(0.2553, within(5e-5));
        assertThat(WilsonInterval.of(81, 263).high()).isCloseTo(0.3662, within(5e-5));
        assertThat(WilsonInterval.of(0, 20).low()).isZero();
        assertThat(WilsonInterval.of(0, 20).high()).isCloseTo(0.1611, within(5e-5));
    }

    @Test
    void of_noCases_isRefused() {
        assertThatThrownBy(() -> WilsonInterval.of(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void of_holdsTheShareAndStaysWithinZeroAndOne(
            @ForAll @IntRange(min = 1, max = 10_000) int cases, @ForAll @IntRange(max = 10_000) int drawn) {
        int hits = Math.min(drawn, cases);

        WilsonInterval interval = WilsonInterval.of(hits, cases);

        assertThat((double) hits / cases).isBetween(interval.low() - 1e-12, interval.high() + 1e-12);
        assertThat(interval.low()).isNotNegative();
        assertThat(interval.high()).isLessThanOrEqualTo(1);
    }
}
