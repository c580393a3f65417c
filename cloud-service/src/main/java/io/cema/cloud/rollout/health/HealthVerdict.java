package io.cema.cloud.rollout.health;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be done.
 *
 * @param reason for people
 * @param findings of all conditions
 */
public record HealthVerdict(Decision decision, String reason, List<Finding> findings) {
    /** Promote only what every condition finds healthy. */
    public enum Decision {
        PROMOTE,
        REVOKE,
        CONTINUE
    }

    /** Fails closed: one unhealthy finding revokes at once, and what is undecided at the time limit is revoked. */
    static HealthVerdict of(HealthEvidence evidence, HealthSettings settings) {
        List<Finding> findings = settings.all().stream()
                .map(condition -> condition.judge(evidence))
                .toList();
        if (findings.stream().anyMatch(f -> f.state() == Finding.State.UNHEALTHY)) {
            return new HealthVerdict(Decision.REVOKE, reasons(findings, Finding.State.UNHEALTHY), findings);
        }
        if (findings.stream().allMatch(f -> f.state() == Finding.State.HEALTHY)) {
            return new HealthVerdict(Decision.PROMOTE, reasons(findings, Finding.State.HEALTHY), findings);
        }
        String open = reasons(findings, Finding.State.UNDECIDED);
        return evidence.age().toSeconds() >= settings.limitSeconds()
                ? new HealthVerdict(
                        Decision.REVOKE, "undecided after " + settings.limitSeconds() + " s: " + open, findings)
                : new HealthVerdict(Decision.CONTINUE, open, findings);
    }

    private static String reasons(List<Finding> findings, Finding.State state) {
        return findings.stream()
                .filter(f -> f.state() == state)
                .map(Finding::reason)
                .collect(Collectors.joining("; "));
    }
}
