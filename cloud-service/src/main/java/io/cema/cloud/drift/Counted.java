package io.cema.cloud.drift;

import java.util.Optional;

/**
 * Cumulative counters of one signal, as an agent told them.
 *
 * @param start names the agent's start; another one means that the counters began anew
 * @param applied updates applied since then
 * @param counts by bucket or class
 */
record Counted(String start, long applied, long[] counts) {
    /** What was counted since; empty if these are not counters that went on, or an update was applied in between. */
    Optional<long[]> since(Counted before) {
        if (!start.equals(before.start) || applied != before.applied || counts.length != before.counts.length) {
            return Optional.empty();
        }
        long[] risen = new long[counts.length];
        for (int i = 0; i < risen.length; i++) {
            risen[i] = counts[i] - before.counts[i];
            if (risen[i] < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(risen);
    }
}
