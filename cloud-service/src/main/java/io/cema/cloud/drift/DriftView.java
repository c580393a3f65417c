package io.cema.cloud.drift;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A stream as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A signal of a device, or of a whole cohort, that is watched for drift")
record DriftView(
        @Schema(example = "fog-east") String cohort,
        @Schema(description = "Absent: the cohort as a whole", example = "camera-1") Optional<String> device,
        Signal signal,
        @Schema(description = "LEARNING sees nothing yet; DRIFTED waits for the return") DriftStream.Phase phase,
        @Schema(description = "Since the reference began") long observations,
        @Schema(description = "Mean distance of the newest observations from the reference, 0 to 1") double distance,
        @Schema(description = "The same when the watch began") double usualDistance,
        @Schema(description = "At the threshold there is drift") double evidence,
        @Schema(description = "Evidence beyond which there is drift: observations until a false alarm is due")
                double threshold,
        Instant referenceSince,
        Instant observedAt) {}
