package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShiftDetectorTest {
    private final ShiftDetector shifts = new ShiftDetector(0.03, 32);

    @Test
    void isShift_aboveThreshold() {
        shifts.isShift(0.01, 32);

        assertThat(shifts.isShift(0.06, 32)).isTrue();
    }

    @Test
    void isShift_fewImages_allowsMoreScatter() {
        shifts.isShift(0.01, 32);

        assertThat(shifts.isShift(0.05, 8)).isFalse();
    }

    @Test
    void isShift_onAStreamThatAlwaysScatters_waitsForMore() {
        shifts.restore(0.04);

        assertThat(shifts.isShift(0.06, 32)).isFalse();
        assertThat(shifts.isShift(0.20, 32)).isTrue();
    }

    @Test
    void isShift_infiniteThreshold_never() {
        assertThat(new ShiftDetector(Double.POSITIVE_INFINITY, 32).isShift(1e9, 32))
                .isFalse();
    }
}
