package io.cema.cloud.rollout.model;

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
    FAILED
}
