package io.cema.cloud.rollout.model;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What ends a rollout and sends every device back. */
sealed interface ErrorCondition {
    Finding check(WaveEvidence evidence);

    /** Too many devices could not take the model, or left it by themselves. */
    @Schema(description = "Share of the devices so far that could not take the model, or left it by themselves")
    record FailedShare(
            @Schema(minimum = "0", maximum = "1", description = "Above 0", examples = "0.2") double share,
            @Schema(minimum = "1", description = "And at least so many", examples = "2") int minimumDevices)
            implements ErrorCondition {
        public FailedShare {
            Conditions.requireShare(share);
            Conditions.requirePositive("minimumDevices", minimumDevices);
        }

        @Override
        public Finding check(WaveEvidence evidence) {
            return new Finding(
                    evidence.failed() >= minimumDevices && evidence.failedShare() >= share,
                    evidence.failed() + " of " + evidence.devices() + " devices failed, allowed are fewer than "
                            + Conditions.percent(share) + " or fewer than " + minimumDevices);
        }
    }

    /** The model is proved to be worse; holds in every wave, whether its success asks for health or not. */
    record HealthWorse() implements ErrorCondition {
        @Override
        public Finding check(WaveEvidence evidence) {
            return new Finding(
                    evidence.health().verdict() == ModelHealth.Verdict.WORSE,
                    "health " + evidence.health().verdict() + " ("
                            + evidence.health().text() + ")");
        }
    }
}
