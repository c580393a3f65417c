package io.cema.cloud.truth;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An upload that waits for a person. What the model took it for is not told, so that it does not lead the eye. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "An upload drawn at random that nobody has labelled; what the model took it for is not told")
record LabellingTask(
        String cohort,
        String device,
        String sampleId,
        @Schema(
                        description = "Where its image is",
                        example = "/api/v1/samples/camera-1/01JQ8ZC3M5S7T9V1X3Z5A7C9E1/image")
                String image,
        @Schema(description = "Where the label goes, by PUT") String label,
        String modelDigest,
        @Schema(description = "How many classes there are", example = "28") int classes,
        @Schema(description = "Their names in order; empty if the model does not tell") List<String> classNames,
        Optional<Instant> capturedAt) {}
