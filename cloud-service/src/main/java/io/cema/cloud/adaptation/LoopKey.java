package io.cema.cloud.adaptation;

/**
 * Names a loop.
 *
 * @param modelDigest the edge model, 64 hex
 */
public record LoopKey(String tenant, String cohort, String modelDigest) {
    /** As topics and metrics name it. */
    String shortModel() {
        return modelDigest.substring(0, Math.min(16, modelDigest.length()));
    }

    @Override
    public String toString() {
        return cohort + "/" + shortModel();
    }
}
