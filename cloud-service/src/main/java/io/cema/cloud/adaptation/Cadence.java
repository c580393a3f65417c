package io.cema.cloud.adaptation;

/**
 * How often the loop learns and publishes.
 *
 * @param minimumBatch fresh images that make a (smaller) batch once the oldest has waited long enough
 * @param maximumWaitMillis how long a fresh image waits for a full batch
 * @param idleSteps steps on stored images alone between two fresh batches, at most
 * @param candidateSteps steps between two candidates
 * @param minimumIntervalMillis between two publications
 * @param maximumIntervalMillis to which the interval doubles while candidates bring nothing
 * @param bytesPerHour downlink payload bytes of updates an hour, 0 = unlimited
 */
public record Cadence(
        int minimumBatch,
        long maximumWaitMillis,
        int idleSteps,
        int candidateSteps,
        long minimumIntervalMillis,
        long maximumIntervalMillis,
        long bytesPerHour) {
    public Cadence {
        require(minimumBatch >= 1, "minimumBatch", minimumBatch, "at least 1");
        require(maximumWaitMillis >= 0, "maximumWaitMillis", maximumWaitMillis, "at least 0");
        require(idleSteps >= 0, "idleSteps", idleSteps, "at least 0");
        require(candidateSteps >= 1, "candidateSteps", candidateSteps, "at least 1");
        require(minimumIntervalMillis >= 0, "minimumIntervalMillis", minimumIntervalMillis, "at least 0");
        require(
                maximumIntervalMillis >= minimumIntervalMillis,
                "maximumIntervalMillis",
                maximumIntervalMillis,
                "at least minimumIntervalMillis (" + minimumIntervalMillis + ")");
        require(bytesPerHour >= 0, "bytesPerHour", bytesPerHour, "at least 0");
    }

    /** A fleet of a few cameras recovers within seconds of a drift. */
    public static Cadence defaults() {
        return new Cadence(16, 1_000, 1, 2, 1_000, 20_000, 0);
    }

    private static void require(boolean holds, String name, long value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("cadence setting " + name + " must be " + range + ", is " + value);
        }
    }
}
