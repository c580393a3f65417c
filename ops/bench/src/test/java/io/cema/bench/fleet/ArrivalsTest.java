package io.cema.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {
    @Test
    void the_last_device_and_the_share_before_it_are_told() {
        Arrivals arrivals = new Arrivals(1_000, 200);
        for (int device = 0; device < 200; device++) {
            arrivals.arrived(device, 1_001 + device);
        }

        assertThat(arrivals.summary())
                .containsEntry("devices", 200)
                .containsEntry("firstMillis", 1L)
                .containsEntry("p50Millis", 100L)
                .containsEntry("p99Millis", 198L)
                .containsEntry("lastMillis", 200L);
    }

    @Test
    void a_repetition_counts_for_nothing() {
        Arrivals arrivals = new Arrivals(0, 2);

        arrivals.arrived(1, 5);
        arrivals.arrived(1, 9);

        assertThat(arrivals.count()).isEqualTo(1);
        assertThat(arrivals.summary()).containsEntry("lastMillis", 5L);
    }

    @Test
    void nobody_is_told_of_where_nobody_got_anything() {
        assertThat(new Arrivals(0, 3).summary()).containsOnlyKeys("devices");
    }
}
