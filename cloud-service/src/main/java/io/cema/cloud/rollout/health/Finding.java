package io.cema.cloud.rollout.health;

import java.util.Map;

/**
 * What one condition says.
 *
 * @param condition its name
 * @param reason with the numbers in it, for people
 * @param numbers the same for programs
 */
public record Finding(String condition, State state, String reason, Map<String, Double> numbers) {
    /** Missing evidence is UNDECIDED, never HEALTHY. */
    public enum State {
        HEALTHY,
        UNHEALTHY,
        UNDECIDED
    }
}
