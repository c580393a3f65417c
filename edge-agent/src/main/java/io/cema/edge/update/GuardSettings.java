package io.cema.edge.update;

/**
 * When the edge itself says no to an update that the cloud found good.
 *
 * @param minFrames frames needed for a judgement by share or mean; below it only NaN counts
 * @param maxEntropyJump allowed rise of the mean entropy over the model in use, as a fraction of ln C
 * @param maxClassShare share of the most frequent predicted class from which it is a collapse, in (0, 1]
 * @param maxClassShareRise rise of that share over the model in use from which it is a collapse; both must be exceeded
 * @param probationFrames frames after a swap before the update is compared with its predecessor once more
 */
public record GuardSettings(
        int minFrames, double maxEntropyJump, double maxClassShare, double maxClassShareRise, int probationFrames) {
    public GuardSettings {
        if (minFrames < 1
                || !(maxEntropyJump > 0)
                || !(maxClassShare > 0 && maxClassShare <= 1)
                || !(maxClassShareRise > 0)
                || probationFrames < 1) {
            throw new IllegalArgumentException("update guard out of range: min-frames " + minFrames
                    + ", max-entropy-jump " + maxEntropyJump + ", max-class-share " + maxClassShare
                    + ", max-class-share-rise " + maxClassShareRise
                    + ", probation-frames " + probationFrames);
        }
    }

    /** 32 frames, a rise by a quarter of ln C, a share of 0.8 that rose by 0.3, 128 frames of probation. */
    public static GuardSettings defaults() {
        return new GuardSettings(32, 0.25, 0.8, 0.3, 128);
    }
}
