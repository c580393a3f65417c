package io.cema.cloud.rollout.model;

import java.util.List;
import java.util.stream.Collectors;

/** What is to be done about a running wave. */
sealed interface Decision {
    /** For people: the conditions with their numbers. */
    String why();

    /** Neither proved good nor bad. */
    record Wait(String why) implements Decision {}

    /** Every success condition holds. */
    record Advance(String why) implements Decision {}

    /** An error condition holds, or the time is over. */
    record Stop(String why) implements Decision {}

    /**
     * Errors come first: a wave that is good and bad at once is bad. A wave still undecided at its time limit is stopped.
     *
     * @param overdue the wave's time limit has passed
     */
    static Decision of(Wave wave, WaveEvidence evidence, boolean overdue) {
        for (ErrorCondition condition : wave.errors().conditions()) {
            Finding finding = condition.check(evidence);
            if (finding.met()) {
                return new Stop("wave " + wave.name() + ": " + finding.text());
            }
        }
        List<Finding> findings =
                wave.success().conditions().stream().map(c -> c.check(evidence)).toList();
        String text = "wave " + wave.name() + ": "
                + findings.stream().map(Finding::text).collect(Collectors.joining("; "));
        if (!findings.isEmpty() && findings.stream().allMatch(Finding::met)) {
            return new Advance(text);
        }
        return overdue
                ? new Stop("undecided after its time limit of " + wave.timeLimitSeconds() + " s: " + text)
                : new Wait(text);
    }
}
