package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LearningPaceTest {
    private static final long MILLI = 1_000_000;

    /** Clocks of System.nanoTime may start anywhere. */
    private final long start = Long.MAX_VALUE - 500 * MILLI;

    private final LearningPace pace = new LearningPace(100, start);

    @Test
    void take_tenTimesThePace_isThePaceOnAverage() {
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            taken += pace.take(1, start + i * MILLI) ? 1 : 0;
        }

        // 100 s of it, and the second at the beginning.
        assertThat(taken).isBetween(10_095, 10_105);
    }

    @Test
    void take_afterAQuietTime_isASecondOfImagesAtOnceAndNotMore() {
        long now = start + 3_600_000 * MILLI;
        int taken = 0;
        for (int i = 0; i < 1_000; i++) {
            taken += pace.take(1, now) ? 1 : 0;
        }

        assertThat(taken).isBetween(100, 101);
    }

    @Test
    void take_requestsOfManyImages_countsEachImage() {
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            taken += pace.take(8, start + i * MILLI) ? 8 : 0;
        }

        assertThat(taken).isBetween(10_090, 10_120);
    }
}
