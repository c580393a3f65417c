package io.cema.cloud.compression;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A compression job as it stands in the database.
 *
 * @param id ULID
 * @param name of the result
 * @param model digest of the dense model
 * @param teacher digest of the teacher; empty for the dense model itself
 * @param images artefact of the unlabelled images
 * @param testImages artefact of the labelled images
 * @param options {@link CompressionSettings}
 * @param stage what is being done
 * @param progress 0 to 1
 * @param detail for people
 * @param problem why it failed
 * @param result digest of the compressed, registered model
 * @param report {@link CompressionReport}
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A compression job")
public record CompressionJob(
        String id,
        String name,
        String model,
        Optional<String> teacher,
        String images,
        Optional<String> testImages,
        @Schema(implementation = CompressionSettings.class) JsonNode options,
        JobStatus status,
        String stage,
        double progress,
        String detail,
        Optional<String> problem,
        Optional<String> result,
        @Schema(implementation = CompressionReport.class) Optional<JsonNode> report,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt) {}
