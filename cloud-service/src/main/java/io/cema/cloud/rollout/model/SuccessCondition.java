package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What must hold before a wave has succeeded. Missing or unknown evidence never meets one. */
sealed interface SuccessCondition {
    Finding check(WaveEvidence evidence);

    /** Enough devices have the model. */
    @Schema(description = "Share of the devices so far that have the model in use")
    record AppliedShare(
            @Schema(minimum = "0", maximum = "1", description = "Above 0", examples = "0.9") double share,
            @Schema(minimum = "1", description = "And at least so many", examples = "3") int minimumDevices)
            implements SuccessCondition {
        public AppliedShare {
            Conditions.requireShare(share);
            Conditions.requirePositive("minimumDevices", minimumDevices);
        }

        @Override
        public Finding check(WaveEvidence evidence) {
            return new Finding(
                    evidence.applied() >= minimumDevices && evidence.appliedShare() >= share,
                    "applied by " + evidence.applied() + " of " + evidence.devices() + " devices, needed "
                            + Conditions.percent(share) + " and at least " + minimumDevices);
        }
    }

    /**
     * The model is proved not to be worse than the one before.
     *
     * @param minimumSamples judged uploads of each of the two models before the test decides
     * @param margin drop of the agreement with the teacher that counts as worse
     * @param latencyLimit how many times as much as at the reference the latency may rise; absent: not looked at, for a
     *     model that is meant to be slower
     * @param everyUpload true: not only uploads drawn at random count
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(description = "A sequential test has found the model not worse than the one before")
    record HealthNotWorse(
            @Schema(
                            minimum = "1",
                            description =
                                    "Uploads of each of the two models that the teacher must have judged in this wave",
                            examples = "100")
                    int minimumSamples,
            @Schema(
                            description =
                                    "Drop of the agreement with the teacher that counts as worse, above 0, below 1",
                            defaultValue = "0.1")
                    Double margin,
            @Schema(
                            description =
                                    "How many times as much as at the devices with the former model the latency may"
                                            + " rise, at least 1; absent: not looked at",
                            examples = "1.5")
                    Double latencyLimit,
            @Schema(
                            description =
                                    "True: uploads that the models chose by themselves count too, which biases the"
                                            + " comparison; for cohorts without a random share",
                            defaultValue = "false")
                    Boolean everyUpload)
            implements SuccessCondition {
        static final HealthNotWorse DEFAULT = new HealthNotWorse(100, null, null, null);
        private static final double DEFAULT_MARGIN = 0.1;

        public HealthNotWorse {
            Conditions.requirePositive("minimumSamples", minimumSamples);
            margin = margin == null ? DEFAULT_MARGIN : margin;
            everyUpload = everyUpload != null && everyUpload;
            if (!(margin > 0 && margin < 1)) {
                throw new IllegalArgumentException("margin must be above 0 and below 1, is " + margin);
            }
            if (latencyLimit != null && !(latencyLimit >= 1 && latencyLimit <= 100)) {
                throw new IllegalArgumentException("latencyLimit must be from 1 to 100, is " + latencyLimit);
            }
        }

        @Override
        public Finding check(WaveEvidence evidence) {
            ModelHealth health = evidence.health();
            return new Finding(
                    health.verdict() == ModelHealth.Verdict.NOT_WORSE,
                    "health " + health.verdict() + " (" + health.text() + ")");
        }
    }
}
