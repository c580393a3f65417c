package io.cema.edge.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.uplink.SampleSpool;
import io.cema.edge.uplink.SpooledSample;
import io.cema.protocol.clock.UtcClock;
import io.cema.protocol.message.SampleInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SteadyClockTest {
    private static final Instant BUILD = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    private final Machine machine = new Machine();

    /** A machine whose clock shows what a test wants, apart from how long it runs. */
    private static final class Machine extends UtcClock {
        private Instant shown = NOON;
        private long nanos;

        /** Time passes, and the clock shows it. */
        void run(Duration passed) {
            nanos += passed.toNanos();
            shown = shown.plus(passed);
        }

        @Override
        public Instant instant() {
            return shown;
        }
    }

    @Test
    void firstStart_takesTheMachinesTime() {
        assertThat(start().instant()).isEqualTo(NOON);
    }

    @Test
    void firstStart_machineBeforeTheBuild_beginsAtTheBuild() {
        machine.shown = Instant.EPOCH;

        assertThat(start().instant()).isEqualTo(BUILD);
    }

    @Test
    void restart_machineLostItsClock_goesOnFromTheSavedTime() {
        start().save();
        machine.shown = Instant.EPOCH;

        SteadyClock clock = start();
        machine.run(Duration.ofHours(3));

        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(3)));
    }

    @Test
    void restart_savedTimeDamaged_beginsAtTheLaterOfBuildAndMachine() throws IOException {
        start().save();
        Files.writeString(folder.resolve("clock"), "noon");
        machine.shown = Instant.EPOCH;

        assertThat(start().instant()).isEqualTo(BUILD);
    }

    @Test
    void machineAlittleAhead_isFollowed() {
        SteadyClock clock = start();
        machine.shown = NOON.plus(Duration.ofMinutes(5));

        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofMinutes(5)));
    }

    @Test
    void machineAlittleBehind_isWaitedForAndNotFollowed() {
        SteadyClock clock = start();
        machine.shown = NOON.minus(Duration.ofMinutes(5));
        machine.run(Duration.ofMinutes(2));

        assertThat(clock.instant()).isEqualTo(NOON);
    }

    @Test
    void machineLeapsAheadAndBack_isNotFollowed() {
        SteadyClock clock = start();
        machine.shown = NOON.plus(YEAR);
        clock.instant();
        machine.run(Duration.ofHours(20));
        clock.save();
        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(20)));

        machine.shown = NOON.plus(Duration.ofHours(20));

        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(20)));
        assertThat(start().instant()).isEqualTo(NOON.plus(Duration.ofHours(20)));
    }

    @Test
    void machineLeapsAheadAndStaysForADay_isBelieved() {
        SteadyClock clock = start();
        machine.shown = NOON.plus(YEAR);
        clock.instant();
        machine.run(SteadyClock.BELIEF);

        assertThat(clock.instant()).isEqualTo(NOON.plus(YEAR).plus(SteadyClock.BELIEF));
    }

    @Test
    void moments_whileTheMachineIsAYearAhead_holdTheRightOneToo() {
        SteadyClock clock = start();
        machine.shown = NOON.plus(YEAR);

        assertThat(clock.moments()).containsExactly(NOON.plus(YEAR), NOON);
    }

    @Test
    void moments_machineBeforeTheBuild_leaveItsTimeOut() {
        start().save();
        machine.shown = Instant.EPOCH;

        assertThat(start().moments()).containsExactly(NOON);
    }

    @Test
    void leapOfAYearAndBack_leavesTheSpoolAsItIs() throws IOException {
        machine.shown = Instant.now();
        SteadyClock clock = start();
        SampleSpool spool = SampleSpool.open(folder.resolve("spool"), 1 << 20, Duration.ofDays(7), clock);
        spool.put(new SpooledSample(spool.newId(), SampleInfo.getDefaultInstance(), new byte[] {1}));

        machine.shown = machine.shown.plus(YEAR);
        spool.expire();
        assertThat(spool.images()).isEqualTo(1);

        machine.shown = machine.shown.minus(YEAR);
        spool.expire();
        assertThat(spool.images()).isEqualTo(1);
    }

    @Test
    void spool_afterAWeekOfRunning_dropsWhatIsTooOld() throws IOException {
        machine.shown = Instant.now();
        SteadyClock clock = start();
        SampleSpool spool = SampleSpool.open(folder.resolve("spool"), 1 << 20, Duration.ofDays(7), clock);
        spool.put(new SpooledSample(spool.newId(), SampleInfo.getDefaultInstance(), new byte[] {1}));

        for (int hours = 0; hours <= 7 * 24; hours++) {
            machine.run(Duration.ofHours(1));
            spool.expire();
        }

        assertThat(spool.droppedByReason()).containsEntry(SampleSpool.Drop.TOO_OLD, 1L);
    }

    private SteadyClock start() {
        return SteadyClock.open(folder.resolve("clock"), BUILD, machine, () -> machine.nanos);
    }
}
