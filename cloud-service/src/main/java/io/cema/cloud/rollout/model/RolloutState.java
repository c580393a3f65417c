package io.cema.cloud.rollout.model;

import io.cema.cloud.http.ProblemException;
import java.util.Arrays;

/**
 * Where a rollout stands.
 *
 * <pre>
 * DRAFT --start--> RUNNING --last wave's conditions met--> SUCCEEDED
 *   |               |  ^ pause, resume v
 *   |               |  PAUSED
 *   |               +--error, time limit, cancel--> ROLLING_BACK --devices are back--> ROLLED_BACK or CANCELLED
 *   +--cancel--> CANCELLED                RUNNING --its ground is gone--> FAILED
 * </pre>
 */
enum RolloutState {
    DRAFT,
    RUNNING,
    /** Nothing is judged and no wave begins; the devices stay where they are. */
    PAUSED,
    SUCCEEDED,
    /** No device is meant to have the model any more; some may still have it. */
    ROLLING_BACK,
    ROLLED_BACK,
    CANCELLED,
    /** Stopped since it could not be judged at all: its text cannot be read, or another changed the cohort's pair. */
    FAILED;

    /** Fails with 400. */
    static RolloutState of(String name) {
        return Arrays.stream(values())
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid(
                        "state is '" + name + "', it must be one of " + Arrays.toString(values())));
    }
}
