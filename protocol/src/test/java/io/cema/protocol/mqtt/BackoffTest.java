package io.cema.protocol.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(200), Duration.ofSeconds(15), new SplittableRandom(1));

    @Test
    void delay_doubles_within_its_jitter() {
        for (int step : new int[] {200, 400, 800, 1600}) {
            assertThat(backoff.next()).isBetween(Duration.ofMillis(step / 2), Duration.ofMillis(step));
        }
    }

    @Test
    void delay_stays_below_the_greatest_however_long_it_lasts() {
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.next()).isBetween(Duration.ofMillis(100), Duration.ofSeconds(15));
        }
        assertThat(backoff.next()).isGreaterThanOrEqualTo(Duration.ofMillis(7500));
    }

    @Test
    void reset_begins_anew() {
        backoff.next();
        backoff.next();
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(200));
    }
}
