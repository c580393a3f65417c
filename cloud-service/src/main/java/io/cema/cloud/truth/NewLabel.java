package io.cema.cloud.truth;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a person says an upload shows. */
@Schema(description = "What the upload shows", example = "{\"class\": 3}")
record NewLabel(
        @NotNull
                @Min(0)
                @JsonProperty("class")
                @Schema(description = "Number of the class, from 0, in the order of the model's outputs", example = "3")
                Integer shown) {}
