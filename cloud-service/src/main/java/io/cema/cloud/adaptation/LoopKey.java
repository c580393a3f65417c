package io.cema.cloud.adaptation;

/**
 * Names a loop.
 *
 * @param modelDigest the edge model, 64 hex
 */
public record LoopKey(String tenant, String cohort, String modelDigest) {
    @Override
    public String toString() {
        return cohort + "/" + modelDigest.substring(0, Math.min(16, modelDigest.length()));
    }
}
