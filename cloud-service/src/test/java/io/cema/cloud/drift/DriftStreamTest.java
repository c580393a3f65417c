package io.cema.cloud.drift;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.drift.DriftStream.Outcome;
import io.cema.cloud.drift.DriftStream.Phase;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of simulated cameras; the numbers that it prints stand in ops/docs/drift.md. */
class DriftStreamTest {
    private static final int REFERENCE = 20;
    private static final int STREAMS = 1000;
    private static final int OBSERVATIONS = 500;
    /** A false alarm in a tenth of the streams at most. */
    private static final double THRESHOLD = 10.0 * OBSERVATIONS;

    private static Outcome observe(DriftStream stream, SimulatedSignal signal, double threshold) {
        return stream.observe(Signal.CLASSES, signal.next(), 750, REFERENCE, threshold);
    }

    private static DriftStream watching(SimulatedSignal signal, int observations) {
        DriftStream stream = new DriftStream();
        for (int i = 0; i < observations; i++) {
            observe(stream, signal, Double.MAX_VALUE);
        }
        return stream;
    }

    /** Also where minutes are alike, which the theory does not cover: averaging and the margin do. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 0.6, 0.8, 0.9})
    void falseAlarms_areNoMoreThanStated(double correlation) {
        int alarms = 0;
        for (int n = 0; n < STREAMS; n++) {
            SimulatedSignal signal = new SimulatedSignal(n, correlation);
            DriftStream stream = new DriftStream();
            for (int i = 0; i < OBSERVATIONS && stream.phase() != Phase.DRIFTED; i++) {
                observe(stream, signal, THRESHOLD);
            }
            alarms += stream.phase() == Phase.DRIFTED ? 1 : 0;
        }

        System.out.printf(
                "correlation %.1f: %d false alarms in %d streams of %d observations, stated %d%n",
                correlation, alarms, STREAMS, OBSERVATIONS, STREAMS / 10);
        assertThat(alarms).isLessThanOrEqualTo(STREAMS / 10);
    }

    /** At the threshold of 1,000 devices and two signals, one false alarm of all of them in 30 days. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.6})
    void shift_isFoundWithinMinutes(double correlation) {
        double threshold = 2000.0 * 30 * 24 * 60;
        int[] delays = new int[100];
        for (int n = 0; n < delays.length; n++) {
            SimulatedSignal signal = new SimulatedSignal(n, correlation);
            DriftStream stream = watching(signal, 300);
            signal.shift(4);
            while (stream.phase() != Phase.DRIFTED && delays[n] < 500) {
                observe(stream, signal, threshold);
                delays[n]++;
            }
        }
        Arrays.sort(delays);

        System.out.printf(
                "correlation %.1f: a shift is found after %d observations in the middle, %d in nine of ten%n",
                correlation, delays[50], delays[90]);
        assertThat(delays[50]).isLessThanOrEqualTo(correlation == 0 ? 20 : 90);
        assertThat(delays[90]).isLessThan(500);
    }

    @Test
    void shiftOfNoConsequence_isNotTold() {
        SimulatedSignal signal = new SimulatedSignal(1, 0);
        DriftStream stream = watching(signal, 100);
        signal.shift(1.2);

        for (int i = 0; i < 500; i++) {
            assertThat(observe(stream, signal, 1000)).isEqualTo(Outcome.NONE);
        }
    }

    @Test
    void streamThatComesBack_returnsAndLearnsAnew() {
        SimulatedSignal signal = new SimulatedSignal(2, 0);
        DriftStream stream = watching(signal, 200);
        signal.shift(8);
        while (stream.phase() != Phase.DRIFTED) {
            observe(stream, signal, 1000);
        }
        for (int i = 0; i < 50; i++) {
            assertThat(observe(stream, signal, 1000)).isEqualTo(Outcome.NONE);
        }
        signal.shift(1 / 8.0);
        int back = 0;
        while (observe(stream, signal, 1000) != Outcome.RETURNED) {
            back++;
        }

        assertThat(back).isLessThan(10);
        assertThat(stream.phase()).isEqualTo(Phase.LEARNING);
        assertThat(stream.observations()).isZero();
    }

    @Test
    void nothing_isSeenWhileTheReferenceIsLearnt() {
        SimulatedSignal signal = new SimulatedSignal(3, 0);
        DriftStream stream = watching(signal, REFERENCE - 1);

        assertThat(stream.phase()).isEqualTo(Phase.LEARNING);
        observe(stream, signal, 1);
        assertThat(stream.phase()).isEqualTo(Phase.WATCHING);
    }

    @Test
    void storedStream_goesOnWhereItStood() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        SimulatedSignal signal = new SimulatedSignal(4, 0.5);
        DriftStream stream = watching(signal, 60);

        DriftStream again =
                json.readValue(json.writeValueAsString(new StreamState(null, stream)), StreamState.class).stream();

        for (int i = 0; i < 60; i++) {
            double[] observed = signal.next();
            stream.observe(Signal.CLASSES, observed, 750, REFERENCE, Double.MAX_VALUE);
            again.observe(Signal.CLASSES, observed, 750, REFERENCE, Double.MAX_VALUE);
        }
        assertThat(again.evidence()).isEqualTo(stream.evidence());
        assertThat(again.score()).isEqualTo(stream.score());
    }
}
