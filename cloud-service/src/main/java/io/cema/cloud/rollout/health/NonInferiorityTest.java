package io.cema.cloud.rollout.health;

/**
 * Compares the mean of a bounded measure, the larger the better, between canaries and reference, as observations come in.
 *
 * <p>Two claims are bet against at once (see {@link BettingProcess}): that the canaries' mean is lower by the margin or
 * more, and that it is not lower at all. The first to fall decides. Whatever moment one looks or stops at:
 *
 * <ul>
 *   <li>false alarm: if the canaries are not worse, {@link Outcome#WORSE} comes with probability alpha at most;
 *   <li>miss: if they are worse by the margin or more, {@link Outcome#NOT_WORSE} comes with probability beta at most.
 * </ul>
 *
 * In between either may come. Each difference is taken between the means of observations of both groups next to each other
 * in time, so a drift that befalls both cancels out. What is assumed: an observation's expectation, given those before,
 * depends on its group alone. Lasting differences between devices stand outside of this: the margin must cover them.
 *
 * <p>One thread.
 */
public final class NonInferiorityTest {
    /** What the observations say so far; the first decision stays. */
    public enum Outcome {
        NOT_WORSE,
        WORSE,
        UNDECIDED
    }

    private final double margin;
    private final double alarm;
    private final double pass;
    private final int fewest;
    private final BettingProcess againstNotWorse = new BettingProcess();
    private final BettingProcess againstWorse = new BettingProcess();
    private final Mean canary = new Mean();
    private final Mean reference = new Mean();
    private final Mean canaryInBlock = new Mean();
    private final Mean referenceInBlock = new Mean();
    private Outcome outcome = Outcome.UNDECIDED;
    private int differences;

    /**
     * @param margin drop of the mean that counts as worse, in (0, 1)
     * @param alpha largest probability of a false alarm, in (0, 1)
     * @param beta largest probability of a miss, in (0, 1)
     * @param fewest differences before which nothing is decided
     */
    public NonInferiorityTest(double margin, double alpha, double beta, int fewest) {
        requireShare("margin", margin);
        requireShare("alpha", alpha);
        requireShare("beta", beta);
        this.margin = margin;
        this.alarm = -Math.log(alpha);
        this.pass = -Math.log(beta);
        this.fewest = fewest;
    }

    /**
     * Takes the next observation, in order of time.
     *
     * @param ofCanary true: of a canary
     * @param value in [0, 1]
     */
    public void observe(boolean ofCanary, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("an observation must be in [0, 1], is " + value);
        }
        (ofCanary ? canary : reference).add(value);
        (ofCanary ? canaryInBlock : referenceInBlock).add(value);
        // Where a block ends depends on who reported, not on what.
        if (canaryInBlock.count > 0 && referenceInBlock.count > 0) {
            difference(canaryInBlock.take() - referenceInBlock.take());
        }
    }

    private void difference(double difference) {
        differences++;
        againstNotWorse.observe(-difference);
        againstWorse.observe(difference + margin);
        if (outcome != Outcome.UNDECIDED || differences < fewest) {
            return;
        }
        if (againstNotWorse.logWealth() >= alarm) {
            outcome = Outcome.WORSE;
        } else if (againstWorse.logWealth() >= pass) {
            outcome = Outcome.NOT_WORSE;
        }
    }

    public Outcome outcome() {
        return outcome;
    }

    /** Differences taken so far. */
    public int differences() {
        return differences;
    }

    /** Mean of the canaries' observations; 0 without any. */
    public double canaryMean() {
        return canary.mean();
    }

    /** Mean of the reference's observations; 0 without any. */
    public double referenceMean() {
        return reference.mean();
    }

    /** Natural logarithm of the evidence that the canaries are worse. */
    public double logEvidenceOfWorse() {
        return againstNotWorse.logWealth();
    }

    /** Natural logarithm of the evidence that they are not worse by the margin. */
    public double logEvidenceOfNotWorse() {
        return againstWorse.logWealth();
    }

    private static void requireShare(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be above 0 and below 1, is " + value);
        }
    }

    private static final class Mean {
        private double sum;
        private long count;

        void add(double value) {
            sum += value;
            count++;
        }

        double mean() {
            return count == 0 ? 0 : sum / count;
        }

        double take() {
            double mean = mean();
            sum = 0;
            count = 0;
            return mean;
        }
    }
}
