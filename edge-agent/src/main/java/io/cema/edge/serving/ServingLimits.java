package io.cema.edge.serving;

/**
 * What a request may cost.
 *
 * @param maxBodyBytes bytes of its body, at least 1
 */
public record ServingLimits(int maxBodyBytes) {
    public ServingLimits {
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException(
                    "cema.serving.max-body-bytes is " + maxBodyBytes + ", must be at least 1");
        }
    }

    /** @throws InferenceRequestException if a body of this size is too large */
    public void requireSize(long bytes) {
        if (bytes > maxBodyBytes) {
            throw new InferenceRequestException(
                    Refusal.TOO_LARGE,
                    "the request's body has " + bytes + " bytes, at most " + maxBodyBytes
                            + " are taken (cema.serving.max-body-bytes)");
        }
    }
}
