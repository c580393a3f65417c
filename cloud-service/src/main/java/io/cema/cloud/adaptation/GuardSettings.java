package io.cema.cloud.adaptation;

/**
 * What one device may do to its cohort.
 *
 * @param deviceShare largest share of a training batch, of the statistics and of the judges that one device may have; not
 *     applied while fewer than 1 / deviceShare devices are active
 * @param activeMinutes how long after its last upload a device counts as active
 * @param quarantine whether devices unlike the rest of the cohort are set apart
 */
public record GuardSettings(double deviceShare, int activeMinutes, boolean quarantine) {
    public GuardSettings {
        if (!(deviceShare > 0 && deviceShare <= 1)) {
            throw new IllegalArgumentException(
                    "guard setting deviceShare must be above 0 and at most 1, is " + deviceShare);
        }
        if (activeMinutes < 1) {
            throw new IllegalArgumentException("guard setting activeMinutes must be at least 1, is " + activeMinutes);
        }
    }

    public static GuardSettings defaults() {
        return new GuardSettings(0.25, 60, true);
    }
}
