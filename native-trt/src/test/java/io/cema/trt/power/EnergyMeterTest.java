package io.cema.trt.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Energy from counters and from power, on a clock set by hand. The seed of a property is the number of its repetition. */
class EnergyMeterTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong clock = new AtomicLong(-5 * SECOND);

    @Test
    void beforeTheFirstSample_isUnknown() {
        assertThat(meter(EnergySource.POWER).joules()).isEmpty();
    }

    @Test
    void firstSample_isZero() {
        EnergyMeter meter = meter(EnergySource.COUNTER);

        meter.sample(counter(123_456));

        assertThat(meter.joules()).hasValue(0);
    }

    @Test
    void noSource_staysUnknown() {
        EnergyMeter meter = meter(EnergySource.NONE);

        meter.sample(PowerReading.nothing());

        assertThat(meter.joules()).isEmpty();
    }

    @RepeatedTest(50)
    void linearPower_isIntegratedExactlyHoweverSampled(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        double start = random.nextDouble(50);
        double slope = random.nextDouble(2);
        EnergyMeter meter = meter(EnergySource.POWER);
        long begin = clock.get();
        meter.sample(power(start));
        double seconds = 0;
        for (int i = 0; i < 30; i++) {
            clock.addAndGet(1 + random.nextLong(5 * SECOND));
            seconds = (clock.get() - begin) / 1e9;
            meter.sample(power(start + slope * seconds));
        }

        double exact = start * seconds + slope * seconds * seconds / 2;
        assertThat(meter.joules().orElseThrow()).isCloseTo(exact, within(1e-9 * exact + 1e-9));
    }

    @RepeatedTest(50)
    void integratedEnergy_liesBetweenLeastAndMostPowerTimesTime(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        EnergyMeter meter = meter(EnergySource.POWER);
        double least = Double.MAX_VALUE;
        double most = 0;
        long begin = clock.get();
        for (int i = 0; i < 30; i++) {
            double watts = random.nextDouble(100);
            least = Math.min(least, watts);
            most = Math.max(most, watts);
            meter.sample(power(watts));
            if (i < 29) {
                clock.addAndGet(random.nextLong(3 * SECOND));
            }
        }

        double seconds = (clock.get() - begin) / 1e9;
        assertThat(meter.joules().orElseThrow()).isBetween(least * seconds, most * seconds);
    }

    @RepeatedTest(50)
    void counter_givesWhatWasUsedWhateverTheTimeBetween(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        EnergyMeter meter = meter(EnergySource.COUNTER);
        double begin = random.nextInt(1_000_000);
        double now = begin;
        meter.sample(counter(now));
        for (int i = 0; i < 30; i++) {
            now += random.nextInt(10_000);
            meter.sample(counter(now));
        }

        assertThat(meter.joules()).hasValue(now - begin);
    }

    @RepeatedTest(50)
    void counterThatBeginsAnew_neverMakesEnergyFallNorCountsTwice(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        EnergyMeter meter = meter(EnergySource.COUNTER);
        double counter = 1e6;
        double used = 0;
        double last = 0;
        meter.sample(counter(counter));
        for (int i = 0; i < 30; i++) {
            double step = random.nextInt(1000);
            // A restart, here at the moment of a sample, shows by a lower counter alone.
            boolean restarted = random.nextInt(5) == 0 && step < counter;
            counter = restarted ? step : counter + step;
            used += step;
            meter.sample(counter(counter));
            assertThat(meter.joules().orElseThrow()).isGreaterThanOrEqualTo(last);
            last = meter.joules().orElseThrow();
        }

        assertThat(last).isEqualTo(used);
    }

    @Test
    void timeWithoutSamples_isBridged() {
        EnergyMeter meter = meter(EnergySource.POWER);
        meter.sample(power(10));
        clock.addAndGet(60 * SECOND);

        meter.sample(power(20));

        assertThat(meter.joules()).hasValue(900);
    }

    @Test
    void readingWithoutWhatWasPromised_isRefusedAndChangesNothing() {
        EnergyMeter meter = meter(EnergySource.COUNTER);
        meter.sample(counter(10));

        assertThatThrownBy(() -> meter.sample(power(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("COUNTER");

        meter.sample(counter(12));
        assertThat(meter.joules()).hasValue(2);
    }

    @Test
    void impossibleReading_isRefused() {
        assertThatThrownBy(() -> power(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> counter(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    private EnergyMeter meter(EnergySource source) {
        return new EnergyMeter(source, clock::get);
    }

    private static PowerReading power(double watts) {
        return new PowerReading(OptionalDouble.of(watts), OptionalDouble.empty(), Map.of());
    }

    private static PowerReading counter(double joules) {
        return new PowerReading(OptionalDouble.empty(), OptionalDouble.of(joules), Map.of());
    }
}
