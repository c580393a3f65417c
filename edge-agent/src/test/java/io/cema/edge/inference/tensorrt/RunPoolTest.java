package io.cema.edge.inference.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunPoolTest {
    @Test
    void a_run_has_room_for_its_batch_and_wastes_less_than_half() {
        for (int max : new int[] {1, 7, 16, 64}) {
            for (int n = 1; n <= max; n++) {
                int size = RunPool.fitting(n, max);
                assertThat(size).isBetween(n, Math.min(max, 2 * n - 1));
            }
        }
    }

    @Test
    void there_are_few_sizes() {
        assertThat(java.util.stream.IntStream.rangeClosed(1, 50)
                        .map(n -> RunPool.fitting(n, 50))
                        .distinct())
                .containsExactly(1, 2, 4, 8, 16, 32, 50);
    }
}
