package io.cema.cloud.ingest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An uploaded image without its pixels, as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "An uploaded image without its pixels")
record SampleView(
        @Schema(description = "Order of becoming durable") long ordinal,
        String device,
        @Schema(description = "ULID made by the device") String sampleId,
        String cohort,
        String modelDigest,
        String format,
        int width,
        int height,
        @Schema(description = "Encoded bytes") int bytes,
        @Schema(description = "Of the edge model's prediction, in nats") float entropy,
        int predictedClass,
        @Schema(description = "What the teacher saw; absent while it has not looked") Optional<Integer> teacherClass,
        @Schema(description = "INFORMATIVE, RANDOM or STATISTICS") String reason,
        @Schema(description = "Update in use when it was taken; empty: the base model") String updateVersion,
        long frame,
        Optional<Instant> capturedAt,
        Instant receivedAt,
        @Schema(description = "Judges candidates, is never trained on") boolean heldBack,
        @Schema(description = "The step that took it") Optional<Long> trainedStep) {}
