package io.cema.cloud.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.clock.UtcClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServiceClockTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    private Instant machine = NOON;
    private long nanos;
    private final ServiceClock clock = new ServiceClock(null, new Machine(), () -> nanos);

    /** A machine whose clock shows what a test wants, apart from how long it runs. */
    private final class Machine extends UtcClock {
        @Override
        public Instant instant() {
            return machine;
        }
    }

    private void run(Duration passed) {
        nanos += passed.toNanos();
    }

    @Test
    void beforeTheDatabaseAnswers_itIsTheMachines() {
        assertThat(clock.instant()).isEqualTo(NOON);
    }

    @Test
    void machineThatLeaps_changesNothing() {
        clock.shown(NOON, nanos);

        machine = NOON.plus(YEAR);
        run(Duration.ofSeconds(9));

        assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(9));
        machine = NOON.minus(YEAR);
        assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(9));
    }

    @Test
    void machineThatIsWrongFromTheStart_isCorrectedByTheDatabase() {
        machine = NOON.plus(YEAR);

        clock.shown(NOON, nanos);

        assertThat(clock.instant()).isEqualTo(NOON);
    }

    @Test
    void databaseThatLeapsAYearAhead_isFollowedAfterADayAlone() {
        clock.shown(NOON, nanos);
        run(Duration.ofSeconds(10));
        clock.shown(NOON.plus(YEAR), nanos);
        assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(10));

        run(ServiceClock.BELIEF.minusSeconds(1));
        clock.shown(NOON.plus(YEAR).plus(ServiceClock.BELIEF), nanos);
        assertThat(clock.instant()).isBefore(NOON.plus(Duration.ofDays(2)));
        run(Duration.ofSeconds(1));
        clock.shown(NOON.plus(YEAR).plus(ServiceClock.BELIEF), nanos);

        assertThat(clock.instant()).isEqualTo(NOON.plus(YEAR).plus(ServiceClock.BELIEF));
    }

    @Test
    void leapThatIsTakenBack_countsForNothingLater() {
        clock.shown(NOON, nanos);
        clock.shown(NOON.plus(YEAR), nanos);
        run(Duration.ofHours(23));
        clock.shown(NOON.plus(Duration.ofHours(23)), nanos);
        run(Duration.ofHours(2));

        clock.shown(NOON.plus(YEAR), nanos);

        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(25)));
    }

    @Test
    void databaseThatIsSetBack_isFollowedAtOnce() {
        clock.shown(NOON, nanos);

        clock.shown(NOON.minus(YEAR), nanos);

        assertThat(clock.instant()).isEqualTo(NOON.minus(YEAR));
    }

    @Test
    void smallSteps_areFollowed() {
        clock.shown(NOON, nanos);

        clock.shown(NOON.plus(ServiceClock.LEAP).minusSeconds(1), nanos);

        assertThat(clock.instant()).isEqualTo(NOON.plus(ServiceClock.LEAP).minusSeconds(1));
    }
}
