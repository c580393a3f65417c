package io.cema.cloud.fleet;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Thresholds of the selection on the device, section {@code selection} of a cohort's policy. Zero or absent means the
 * agent's default.
 */
@Schema(description = "Thresholds of the selection on the device; zero or absent means the agent's default")
public record SelectionRules(
        @Schema(description = "Upper entropy bound as a fraction of ln C, 0 to 1") float entropyMaxFraction,
        @Schema(description = "Lower entropy bound as a fraction of ln C, 0 to 1") float entropyMinFraction,
        @Schema(description = "Largest cosine to the average of the kept predictions, 0 to 1") float redundancyCosine,
        @Schema(description = "Pixel similarity from which frames are skipped, 0 to 1") float similarityThreshold,
        @Schema(description = "Share of frames uploaded at random, 0 to 1") float randomShare,
        @Schema(description = "Upload budget, 0 = unlimited") long bytesPerHour) {
    static final SelectionRules AGENT_DEFAULTS = new SelectionRules(0, 0, 0, 0, 0, 0);

    public SelectionRules {
        requireFraction("entropyMaxFraction", entropyMaxFraction);
        requireFraction("entropyMinFraction", entropyMinFraction);
        requireFraction("redundancyCosine", redundancyCosine);
        requireFraction("similarityThreshold", similarityThreshold);
        requireFraction("randomShare", randomShare);
        if (bytesPerHour < 0) {
            throw new IllegalArgumentException("bytesPerHour must not be negative, is " + bytesPerHour);
        }
        if (entropyMaxFraction > 0 && entropyMinFraction >= entropyMaxFraction) {
            throw new IllegalArgumentException("entropyMinFraction " + entropyMinFraction
                    + " must be below entropyMaxFraction " + entropyMaxFraction);
        }
    }

    private static void requireFraction(String name, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be from 0 to 1, is " + value);
        }
    }
}
