package io.cema.cloud.rollout.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.rollout.model.ModelHealth.Verdict;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** What is decided about a wave, by hand-made evidence. */
class DecisionTest {
    private static final Wave WAVE = new Wave("canary", 10.0, null, null, null, null, null);

    @Test
    void enoughAppliedAndNotWorse_advances() {
        assertThat(decide(10, 9, 0, Verdict.NOT_WORSE, false)).isInstanceOf(Decision.Advance.class);
    }

    @Test
    void healthUndecided_waits() {
        assertThat(decide(10, 10, 0, Verdict.UNDECIDED, false)).isInstanceOf(Decision.Wait.class);
    }

    @Test
    void tooFewApplied_waits() {
        assertThat(decide(10, 8, 0, Verdict.NOT_WORSE, false)).isInstanceOf(Decision.Wait.class);
    }

    @Test
    void noDevice_isNoSuccess() {
        assertThat(decide(0, 0, 0, Verdict.NOT_WORSE, false)).isInstanceOf(Decision.Wait.class);
    }

    @Test
    void undecidedAtTheTimeLimit_stops() {
        assertThat(decide(10, 10, 0, Verdict.UNDECIDED, true)).isInstanceOf(Decision.Stop.class);
    }

    @Test
    void successAtTheTimeLimit_advances() {
        assertThat(decide(10, 10, 0, Verdict.NOT_WORSE, true)).isInstanceOf(Decision.Advance.class);
    }

    @Test
    void worse_stopsEvenWhereSuccessDoesNotAskForHealth() {
        Wave careless = new Wave(
                "canary",
                10.0,
                null,
                null,
                new Wave.Success(new SuccessCondition.AppliedShare(0.5, 1), null),
                null,
                null);

        assertThat(Decision.of(careless, new WaveEvidence(10, 10, 0, health(Verdict.WORSE)), false))
                .isInstanceOf(Decision.Stop.class);
    }

    @Test
    void oneFailureOfFive_isBelowTheMinimumCount() {
        assertThat(decide(5, 4, 1, Verdict.UNDECIDED, false)).isInstanceOf(Decision.Wait.class);
    }

    @Test
    void twoFailuresOfFive_stop() {
        assertThat(decide(5, 3, 2, Verdict.NOT_WORSE, false)).isInstanceOf(Decision.Stop.class);
    }

    @Property
    void withoutProofOfHealth_nothingAdvances(
            @ForAll @LongRange(max = 1000) long applied,
            @ForAll @LongRange(max = 1000) long failed,
            @ForAll boolean late) {
        assertThat(decide(applied + failed, applied, failed, Verdict.UNDECIDED, late))
                .isNotInstanceOf(Decision.Advance.class);
    }

    private static Decision decide(long devices, long applied, long failed, Verdict verdict, boolean overdue) {
        return Decision.of(WAVE, new WaveEvidence(devices, applied, failed, health(verdict)), overdue);
    }

    private static ModelHealth health(Verdict verdict) {
        return new ModelHealth(verdict, "by hand");
    }
}
