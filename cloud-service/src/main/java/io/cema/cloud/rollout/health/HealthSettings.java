package io.cema.cloud.rollout.health;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * When canaries are well enough. Together the sequential tests raise a false alarm with probability {@code alpha} at most,
 * and let something worse by its margin pass with probability {@code beta} at most; see {@link NonInferiorityTest} for what
 * that assumes. The other conditions are limits.
 *
 * @param alpha of revoking what is not worse, in (0, 1)
 * @param beta of promoting what is worse by a margin, in (0, 1)
 * @param conditions that must all hold; failures are always looked at
 * @param randomUploadsAlone true: only uploads drawn at random count, the others are chosen by the very model that is
 *     judged; needs a random share in the selection
 * @param agreementMargin drop of the share of uploads on which device and teacher agree that counts as worse
 * @param certaintyMargin drop of the uploads' mean certainty, 1 - entropy / ln C, that counts as worse
 * @param minimumUploads of each group before the uploads decide
 * @param entropyLimit share of frames that may be more uncertain than the reference's
 * @param latencyLimit how many times as much as the reference's the latency may rise
 * @param minimumFrames of each group before telemetry decides
 * @param failureLimit share of the canaries that may refuse it, take it back or fail
 * @param minimumDevices canaries that must run it
 * @param limitSeconds after which what is undecided is revoked
 */
public record HealthSettings(
        double alpha,
        double beta,
        Set<Condition> conditions,
        boolean randomUploadsAlone,
        double agreementMargin,
        double certaintyMargin,
        int minimumUploads,
        double entropyLimit,
        double latencyLimit,
        long minimumFrames,
        double failureLimit,
        int minimumDevices,
        long limitSeconds) {
    /** What can be looked at. */
    public enum Condition {
        AGREEMENT,
        CERTAINTY,
        ENTROPY_DISTRIBUTION,
        LATENCY
    }

    public HealthSettings {
        inside(alpha, "alpha");
        inside(beta, "beta");
        inside(agreementMargin, "agreementMargin");
        inside(certaintyMargin, "certaintyMargin");
        require(minimumUploads >= 1, "minimumUploads", minimumUploads, "at least 1");
        require(entropyLimit >= 0 && entropyLimit <= 1, "entropyLimit", entropyLimit, "in [0, 1]");
        require(latencyLimit >= 1 && latencyLimit <= 100, "latencyLimit", latencyLimit, "from 1 to 100");
        require(minimumFrames >= 1, "minimumFrames", minimumFrames, "at least 1");
        require(failureLimit >= 0 && failureLimit < 1, "failureLimit", failureLimit, "in [0, 1)");
        require(minimumDevices >= 1, "minimumDevices", minimumDevices, "at least 1");
        require(limitSeconds >= 1, "limitSeconds", limitSeconds, "at least 1");
        if (!conditions.contains(Condition.AGREEMENT) && !conditions.contains(Condition.CERTAINTY)) {
            throw new IllegalArgumentException("health setting conditions must hold AGREEMENT or CERTAINTY, is "
                    + conditions + ": without either nothing has a stated error rate");
        }
        conditions = Set.copyOf(conditions);
    }

    public static HealthSettings defaults() {
        return new HealthSettings(
                0.02, 0.05, EnumSet.allOf(Condition.class), true, 0.10, 0.10, 30, 0.25, 1.5, 1_000, 0.2, 1, 86_400);
    }

    /** Each sequential test gets its part of alpha; beta holds for each alone, since all must agree to promote. */
    List<HealthCondition> all() {
        long tests = conditions.stream()
                .filter(c -> c == Condition.AGREEMENT || c == Condition.CERTAINTY)
                .count();
        List<HealthCondition> all = new ArrayList<>();
        all.add(new HealthCondition.Failures(failureLimit, minimumDevices));
        for (Condition condition : Condition.values()) {
            if (conditions.contains(condition)) {
                all.add(
                        switch (condition) {
                            case AGREEMENT ->
                                compared(HealthCondition.Compared.Measure.AGREEMENT, agreementMargin, alpha / tests);
                            case CERTAINTY ->
                                compared(HealthCondition.Compared.Measure.CERTAINTY, certaintyMargin, alpha / tests);
                            case ENTROPY_DISTRIBUTION ->
                                new HealthCondition.EntropyDistribution(entropyLimit, minimumFrames);
                            case LATENCY -> new HealthCondition.Latency(latencyLimit, minimumFrames);
                        });
            }
        }
        return all;
    }

    private HealthCondition compared(HealthCondition.Compared.Measure measure, double margin, double share) {
        return new HealthCondition.Compared(measure, margin, share, beta, minimumUploads, randomUploadsAlone);
    }

    private static void inside(double value, String name) {
        require(value > 0 && value < 1, name, value, "above 0 and below 1");
    }

    private static void require(boolean holds, String name, double value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("health setting " + name + " must be " + range + ", is " + value);
        }
    }
}
