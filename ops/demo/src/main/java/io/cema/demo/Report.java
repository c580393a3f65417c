package io.cema.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What a run gave; written as {@code report.json}.
 *
 * @param phases in order
 * @param success whether every drifted phase ended above the unadapted model and every image was answered
 */
record Report(
        List<PhaseResult> phases,
        boolean success,
        String scenario,
        @JsonProperty("edge_model") String edgeModel,
        @JsonProperty("foundation_model") String foundationModel,
        String images,
        long seed,
        int agents,
        @JsonProperty("frames_per_second_per_agent") double rate,
        @JsonProperty("started_at") String startedAt,
        @JsonProperty("bytes_per_uploaded_image") double bytesPerUploadedImage,
        @JsonProperty("bytes_per_update") double bytesPerUpdate,
        @JsonProperty("raw_float32_bytes_per_image") long rawBytesPerImage,
        @JsonProperty("raw_float32_bytes_per_update") long rawBytesPerUpdate) {
    Report {
        phases = List.copyOf(phases);
    }
}
