package io.cema.cloud.rollout.health;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who is compared with whom, on what, since when.
 *
 * @param id of the rollout, unique in the tenant: under it each device's telemetry at the beginning is kept
 * @param cohort whose devices they are; what they do in slots of other cohorts is not looked at
 * @param since when canaries were told to run it
 * @param canaries devices that shall run it
 * @param references devices that shall not; not the canaries
 * @param subject what the canaries run
 */
public record Trial(
        String id, String cohort, Instant since, List<String> canaries, List<String> references, Subject subject) {
    public Trial {
        canaries = List.copyOf(canaries);
        references = List.copyOf(references);
    }

    /**
     * A model, or a version of one's parameters.
     *
     * @param version empty: the model itself, with any version
     */
    public record Subject(String modelDigest, Optional<String> version) {
        public static Subject model(String digest) {
            return new Subject(digest, Optional.empty());
        }

        public static Subject update(String modelDigest, String version) {
            return new Subject(modelDigest, Optional.of(version));
        }
    }
}
