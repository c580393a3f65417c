package io.cema.cloud.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShiftDetectorTest {
    private static final int STREAMS = 1000;
    private static final int OBSERVATIONS = 1000;
    /** Observations until a false alarm is due: in a twentieth of the streams, at most, one comes. */
    private static final double THRESHOLD = 20.0 * OBSERVATIONS;

    /** Three standard deviations of a count of a twentieth of the streams. */
    private static final double SLACK = 3 * Math.sqrt(STREAMS * 0.05 * 0.95);

    private static double score(Random random, String distribution) {
        return switch (distribution) {
            case "uniform" -> random.nextDouble();
            case "small" -> Math.min(1, Math.abs(0.02 * random.nextGaussian()));
            case "heavy" -> Math.min(1, 0.001 / Math.pow(1 - random.nextDouble(), 1.5));
            default -> random.nextInt(4) / 10.0;
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"uniform", "small", "heavy", "ties"})
    void falseAlarms_areNoMoreThanStatedWhateverTheDistribution(String distribution) {
        int alarms = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            Random random = new Random(stream);
            ShiftDetector detector = new ShiftDetector();
            for (int i = 0; i < OBSERVATIONS; i++) {
                detector.observe(score(random, distribution));
                if (detector.evidence() >= THRESHOLD) {
                    alarms++;
                    break;
                }
            }
        }

        System.out.printf(
                "%s: %d false alarms in %d streams, stated %d%n", distribution, alarms, STREAMS, STREAMS / 20);
        assertThat((double) alarms).isLessThanOrEqualTo(STREAMS / 20.0 + SLACK);
    }

    @Test
    void longQuietTime_costsNoDelay() {
        assertThat(delay(5000)).isLessThanOrEqualTo(delay(200) + 2);
    }

    /** Observations from the shift to the alarm. */
    private static int delay(int quiet) {
        Random random = new Random(7);
        ShiftDetector detector = new ShiftDetector();
        for (int i = 0; i < quiet; i++) {
            detector.observe(random.nextDouble() / 2);
        }
        int delay = 0;
        while (detector.evidence() < THRESHOLD) {
            detector.observe(0.6 + random.nextDouble() / 5);
            delay++;
        }
        return delay;
    }

    @Test
    void rank_isTheShareOfScoresBelow() {
        ShiftDetector detector = new ShiftDetector();
        detector.observe(0.1);
        detector.observe(0.2);
        detector.observe(0.9);
        detector.observe(0.9);

        assertThat(detector.rank(0.5)).isEqualTo(0.5);
        assertThat(detector.rank(0)).isZero();
    }

    @Test
    void scoreThatIsNone_isRefused() {
        assertThatThrownBy(() -> new ShiftDetector().observe(Double.NaN)).hasMessageContaining("NaN");
    }
}
