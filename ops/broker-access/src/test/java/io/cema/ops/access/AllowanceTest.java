package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long SECOND = 1_000_000_000;
    private static final long ANY = Long.MAX_VALUE;

    private long now;
    private final Allowance allowance = new Allowance(new RateLimits(10, 5, 1_000, 2_000), () -> now);

    @Test
    void burst_passesAtOnce() {
        for (int i = 0; i < 5; i++) {
            assertThat(allowance.take(1, ANY)).isZero();
        }
        assertThat(allowance.take(1, ANY)).isEqualTo(SECOND / 10);
        assertThat(allowance.take(1, ANY)).isEqualTo(SECOND / 5);
    }

    @Test
    void bytes_countAsWell() {
        assertThat(allowance.take(2_000, ANY)).isZero();
        assertThat(allowance.take(500, ANY)).isEqualTo(SECOND / 2);
    }

    @Test
    void silence_fillsItUpToTheBurstAndNoFurther() {
        for (int i = 0; i < 10; i++) {
            allowance.take(1, ANY);
        }
        now += 3600 * SECOND;

        burst_passesAtOnce();
    }

    @Test
    void whatWouldWaitTooLong_takesNothing() {
        assertThat(allowance.take(100_000, 30 * SECOND)).isGreaterThan(30 * SECOND);

        assertThat(allowance.take(2_000, 30 * SECOND)).isZero();
    }

    @Test
    void limits_areReadFromSettings() {
        Properties settings = new Properties();
        settings.setProperty("rate.messages-per-second", "3");

        assertThat(RateLimits.of(settings).messagesPerSecond()).isEqualTo(3);
        assertThat(RateLimits.of(settings).bytesBurst())
                .isEqualTo(RateLimits.defaults().bytesBurst());
    }

    @Test
    void limitThatIsNone_isNamed() {
        Properties settings = new Properties();
        settings.setProperty("rate.bytes-per-second", "NaN");

        assertThatThrownBy(() -> RateLimits.of(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate.bytes-per-second");
    }
}
