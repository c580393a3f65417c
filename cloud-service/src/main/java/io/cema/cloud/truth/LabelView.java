package io.cema.cloud.truth;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a person said an upload shows. */
@Schema(description = "What a person said an upload shows")
record LabelView(
        String device,
        String sampleId,
        @JsonProperty("class") @Schema(example = "3") int shown,
        @Schema(description = "Subject of the token", example = "olga") String labelledBy,
        Instant labelledAt,
        @JsonIgnore long version) {}
