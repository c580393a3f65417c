package io.cema.cloud.adaptation;

import io.cema.cloud.rollout.health.HealthSettings;

/**
 * Which devices of a cohort get an update first, and when the others get it.
 *
 * @param share of the cohort's devices, in (0, 1)
 * @param devices at least so many, but never all: somebody must be left to compare with
 * @param health when it is promoted or revoked
 */
public record CanarySettings(double share, int devices, HealthSettings health) {
    public CanarySettings {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("canary setting share must be above 0 and below 1, is " + share);
        }
        if (devices < 1) {
            throw new IllegalArgumentException("canary setting devices must be at least 1, is " + devices);
        }
    }

    /** What a section without fields means; without the section there is no canary phase. */
    public static CanarySettings defaults() {
        return new CanarySettings(0.1, 1, HealthSettings.defaults());
    }

    /** How many of a cohort's devices. */
    public int of(int cohort) {
        return Math.max(0, Math.min(cohort - 1, Math.max(devices, (int) Math.ceil(share * cohort))));
    }
}
