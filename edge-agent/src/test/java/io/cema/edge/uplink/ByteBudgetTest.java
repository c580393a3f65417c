package io.cema.edge.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final int KIB = 1024;

    private final AtomicLong clock = new AtomicLong();

    @Test
    void tryTake_noLimit_alwaysAllows() {
        assertThat(new ByteBudget(0, clock::get).tryTake(Long.MAX_VALUE)).isTrue();
    }

    @Test
    void tryTake_bucketEmpty_refuses() {
        ByteBudget budget = new ByteBudget(100 * KIB, clock::get);
        budget.tryTake(256 * KIB);

        assertThat(budget.tryTake(1)).isFalse();
    }

    @Test
    void tryTake_afterAnHour_allowsAnHoursWorth() {
        ByteBudget budget = new ByteBudget(100 * KIB, clock::get);
        budget.tryTake(256 * KIB);
        clock.addAndGet(HOUR);

        assertThat(budget.tryTake(100 * KIB)).isTrue();
        assertThat(budget.tryTake(1)).isFalse();
    }

    @Test
    void tryTake_largerThanTheBucket_goesIntoDebt() {
        ByteBudget budget = new ByteBudget(100 * KIB, clock::get);

        assertThat(budget.tryTake(512 * KIB)).isTrue();
        clock.addAndGet(2 * HOUR);
        assertThat(budget.tryTake(1)).isFalse();
        clock.addAndGet(HOUR);
        assertThat(budget.tryTake(1)).isTrue();
    }
}
