package io.cema.cloud.rollout.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.rollout.health.NonInferiorityTest.Outcome;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Error rates are counted with fixed seeds, looking after every single observation. */
class NonInferiorityTestTest {
    private static final double MARGIN = 0.1;
    private static final double ALPHA = 0.02;
    private static final double BETA = 0.05;
    private static final int RUNS = 2_000;
    private static final int LONGEST = 3_000;

    @Test
    void equalMeans_areWorseInTheStatedShareOfRunsAtMost() {
        // 3 standard deviations of a share of ALPHA over RUNS.
        assertThat(share(Outcome.WORSE, 0.7, 0.7)).isLessThanOrEqualTo(ALPHA + 0.0094);
    }

    @Test
    void meansApartByTheMargin_areNotWorseInTheStatedShareOfRunsAtMost() {
        assertThat(share(Outcome.NOT_WORSE, 0.6, 0.7)).isLessThanOrEqualTo(BETA + 0.0147);
    }

    @Test
    void realDrop_isFound() {
        assertThat(share(Outcome.WORSE, 0.5, 0.7)).isGreaterThan(0.95);
    }

    @Test
    void equalMeans_arePassed() {
        assertThat(share(Outcome.NOT_WORSE, 0.7, 0.7)).isGreaterThan(0.95);
    }

    @Test
    void driftThatBefallsBoth_isNoAlarm() {
        int alarms = 0;
        for (int run = 0; run < RUNS; run++) {
            SplittableRandom random = new SplittableRandom(run);
            NonInferiorityTest test = new NonInferiorityTest(MARGIN, ALPHA, BETA, 1);
            for (int i = 0; i < 1_000; i++) {
                double mean = 0.9 - 0.7 * i / 1_000;
                test.observe(random.nextInt(10) == 0, random.nextDouble() < mean ? 1 : 0);
            }
            alarms += test.outcome() == Outcome.WORSE ? 1 : 0;
        }
        assertThat((double) alarms / RUNS).isLessThanOrEqualTo(ALPHA + 0.0094);
    }

    @Test
    void nothingIsDecidedOnFewerThanTheFewest() {
        NonInferiorityTest test = new NonInferiorityTest(MARGIN, ALPHA, BETA, 40);
        for (int i = 0; i < 39; i++) {
            test.observe(true, 0);
            test.observe(false, 1);
        }
        assertThat(test.outcome()).isEqualTo(Outcome.UNDECIDED);

        test.observe(true, 0);
        test.observe(false, 1);

        assertThat(test.outcome()).isEqualTo(Outcome.WORSE);
    }

    @Test
    void oneGroupAlone_decidesNothing() {
        NonInferiorityTest test = new NonInferiorityTest(MARGIN, ALPHA, BETA, 1);
        for (int i = 0; i < 1_000; i++) {
            test.observe(true, 1);
        }
        assertThat(test.outcome()).isEqualTo(Outcome.UNDECIDED);
        assertThat(test.differences()).isZero();
    }

    @Property(tries = 200)
    void firstDecision_stays(
            @ForAll @LongRange(min = 0, max = 1 << 20) long seed, @ForAll @DoubleRange(max = 1) double mean) {
        SplittableRandom random = new SplittableRandom(seed);
        NonInferiorityTest test = new NonInferiorityTest(MARGIN, ALPHA, BETA, 1);
        Outcome decided = Outcome.UNDECIDED;
        for (int i = 0; i < 500; i++) {
            test.observe(random.nextBoolean(), random.nextDouble() < mean ? 1 : 0);
            if (decided != Outcome.UNDECIDED) {
                assertThat(test.outcome()).isEqualTo(decided);
            }
            decided = test.outcome();
        }
    }

    private static double share(Outcome wanted, double canary, double reference) {
        int found = 0;
        for (int run = 0; run < RUNS; run++) {
            SplittableRandom random = new SplittableRandom(run);
            NonInferiorityTest test = new NonInferiorityTest(MARGIN, ALPHA, BETA, 1);
            for (int i = 0; i < LONGEST && test.outcome() == Outcome.UNDECIDED; i++) {
                test.observe(true, random.nextDouble() < canary ? 1 : 0);
                test.observe(false, random.nextDouble() < reference ? 1 : 0);
            }
            found += test.outcome() == wanted ? 1 : 0;
        }
        return (double) found / RUNS;
    }
}
