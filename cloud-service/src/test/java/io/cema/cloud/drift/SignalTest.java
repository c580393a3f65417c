package io.cema.cloud.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SignalTest {
    private static final Offset<Double> EXACT = Offset.offset(1e-9);

    @Test
    void entropyThatRises_hasAScoreAndOneThatFallsHasNone() {
        double[] usual = {0.8, 0.1, 0.1};
        double[] unsure = {0.5, 0.3, 0.2};

        assertThat(Signal.ENTROPY.score(unsure, usual)).isEqualTo(0.3, EXACT);
        assertThat(Signal.ENTROPY.score(usual, unsure)).isZero();
    }

    @Test
    void classes_countTheAnswersThatWouldHaveToChange() {
        assertThat(Signal.CLASSES.score(new double[] {0.5, 0.5, 0}, new double[] {0.2, 0.5, 0.3}))
                .isEqualTo(0.3, EXACT);
    }

    @Test
    void statistics_boundWhatDeadChannelsSay() {
        double[] usual = {0, 0, 0, 0};

        assertThat(Signal.STATISTICS.score(new double[] {100, 0, 0, 0}, usual)).isEqualTo(0.25, EXACT);
        assertThat(Signal.STATISTICS.score(new double[] {0.2, 0, 0.2, 0}, usual))
                .isEqualTo(0.02, EXACT);
    }

    @Test
    void countersOfAnotherStartOrUpdate_areNoObservation() {
        Counted before = new Counted("a", 1, new long[] {5, 5});

        assertThat(new Counted("a", 1, new long[] {7, 5}).since(before)).contains(new long[] {2, 0});
        assertThat(new Counted("b", 1, new long[] {7, 5}).since(before)).isEmpty();
        assertThat(new Counted("a", 2, new long[] {7, 5}).since(before)).isEmpty();
        assertThat(new Counted("a", 1, new long[] {4, 9}).since(before)).isEmpty();
    }

    @Test
    void manyClasses_shareCells() {
        Telemetry telemetry = Telemetry.newBuilder()
                .addSlots(SlotTelemetry.newBuilder().setCohort("east").addAllClasses(Collections.nCopies(1000, 1L)))
                .build();

        Counted counted = SlotSignals.of(telemetry).get(0).signals().get(Signal.CLASSES);

        assertThat(counted.counts()).hasSize(64);
        assertThat(Arrays.stream(counted.counts()).sum()).isEqualTo(1000);
    }

    @Test
    void agentWithoutSlots_tellsOfItsOwnCohort() {
        Telemetry telemetry = Telemetry.newBuilder()
                .setEntropy(Histogram.newBuilder().addBounds(1).addAllCounts(List.of(3L, 4L)))
                .build();

        assertThat(SlotSignals.of(telemetry)).hasSize(1);
        assertThat(SlotSignals.of(telemetry).get(0).cohort()).isEmpty();
        assertThat(SlotSignals.of(telemetry).get(0).signals()).containsOnlyKeys(Signal.ENTROPY);
    }

    @Test
    void neighboursThatAreAlike_areTakenTogether() {
        assertThat(Learning.batch(0)).isEqualTo(1);
        assertThat(Learning.batch(0.6)).isEqualTo(4);
        assertThat(Learning.batch(1)).isEqualTo(12);
    }

    @Test
    void observationsThatAreAllTheSame_areNotTakenTogether() {
        Learning learning = new Learning();
        for (int i = 0; i < 20; i++) {
            learning.add(new double[] {0.9, 0.1}, 200);
        }

        assertThat(learning.reference().batch()).isEqualTo(1);
    }
}
