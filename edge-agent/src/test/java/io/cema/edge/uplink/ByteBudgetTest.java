package io.cema.edge.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.uplink.ByteBudget.Grant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByteBudgetTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long HOUR = 60 * MINUTE;
    private static final int KIB = 1024;

    @TempDir
    Path folder;

    private final AtomicLong clock = new AtomicLong(1);
    private String boot = "a";

    @Test
    void take_noLimit_alwaysAllows() throws IOException {
        assertThat(open(0, 0).take(1L << 40)).isEqualTo(Grant.NOW);
    }

    @Test
    void take_hourSpent_waitsForTheHourToPass() throws IOException {
        ByteBudget budget = open(100 * KIB, 0);
        assertThat(budget.take(100 * KIB)).isEqualTo(Grant.NOW);

        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(HOUR);
        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(MINUTE);
        assertThat(budget.take(100 * KIB)).isEqualTo(Grant.NOW);
    }

    @Test
    void take_daySpent_waitsForTheDayToPass() throws IOException {
        ByteBudget budget = open(0, 100);
        budget.take(100);

        clock.addAndGet(23 * HOUR);
        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(HOUR + MINUTE);
        assertThat(budget.take(1)).isEqualTo(Grant.NOW);
    }

    @Test
    void take_moreThanTheBudget_isNeverAllowed() throws IOException {
        assertThat(open(100, 0).take(101)).isEqualTo(Grant.NEVER);
        assertThat(open(0, 100).take(101)).isEqualTo(Grant.NEVER);
    }

    @Test
    void take_largeBudget_isSpreadOverTheHour() throws IOException {
        ByteBudget budget = open(12_000 * KIB, 0);

        assertThat(budget.take(1000 * KIB)).isEqualTo(Grant.NOW);
        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(6 * MINUTE);
        assertThat(budget.take(1000 * KIB)).isEqualTo(Grant.NOW);
    }

    @Test
    void take_afterARestart_countsWhatWasSentAndTheTimeBetween() throws IOException {
        open(100, 0).take(100);
        clock.addAndGet(30 * MINUTE);

        ByteBudget budget = open(100, 0);

        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        assertThat(budget.lastHour()).isEqualTo(100);
        clock.addAndGet(31 * MINUTE);
        assertThat(budget.take(100)).isEqualTo(Grant.NOW);
    }

    /** How long the machine was off is not known, so no time passes for the budget. */
    @Test
    void take_afterAReboot_countsWhatWasSent() throws IOException {
        clock.set(500 * HOUR);
        open(100, 0).take(100);
        boot = "b";
        clock.set(MINUTE);

        ByteBudget budget = open(100, 0);

        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(61 * MINUTE);
        assertThat(budget.take(100)).isEqualTo(Grant.NOW);
    }

    @Test
    void take_fileDamaged_countsAsSpent() throws IOException {
        open(100, 100).take(1);
        Files.write(file(), new byte[17]);

        ByteBudget budget = open(100, 100);

        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
        clock.addAndGet(25 * HOUR);
        assertThat(budget.take(1)).isEqualTo(Grant.NOW);
    }

    @Test
    void setLimits_lowered_countsWhatWasSentBefore() throws IOException {
        ByteBudget budget = open(0, 0);
        budget.take(150);

        budget.setLimits(100, 0);

        assertThat(budget.take(1)).isEqualTo(Grant.LATER);
    }

    /** The folder of a property's try is its own; that of a test is JUnit's. */
    @AfterTry
    void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Restarts and waits of any length between takes: no hour and no day ever has more than its budget. */
    @Property(tries = 30)
    void take_anyHistory_holdsInEveryHourAndDay(@ForAll long seed) throws IOException {
        folder = Files.createTempDirectory("budget");
        Random random = new Random(seed);
        List<long[]> taken = new ArrayList<>();
        ByteBudget budget = open(1000, 5000);
        for (int i = 0; i < 400; i++) {
            clock.addAndGet((long) (random.nextDouble() * random.nextDouble() * 40 * MINUTE));
            if (random.nextInt(10) == 0) {
                budget = open(1000, 5000);
            }
            int bytes = 1 + random.nextInt(600);
            if (budget.take(bytes) == Grant.NOW) {
                taken.add(new long[] {clock.get(), bytes});
            }
        }
        for (long[] last : taken) {
            assertThat(sum(taken, last[0] - HOUR, last[0])).isLessThanOrEqualTo(1000);
            assertThat(sum(taken, last[0] - 24 * HOUR, last[0])).isLessThanOrEqualTo(5000);
        }
        assertThat(taken).isNotEmpty();
    }

    private static long sum(List<long[]> taken, long after, long to) {
        return taken.stream()
                .filter(t -> t[0] > after && t[0] <= to)
                .mapToLong(t -> t[1])
                .sum();
    }

    private ByteBudget open(long perHour, long perDay) throws IOException {
        return new ByteBudget(TrafficLedger.open(file(), clock::get, boot), perHour, perDay);
    }

    private Path file() {
        return folder.resolve("uplink.budget");
    }
}
