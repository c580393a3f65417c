package io.cema.cloud.guard;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Where a device set apart shall go. */
@JsonIgnoreProperties(ignoreUnknown = false)
@Schema(description = "Where the device shall go", example = "{\"cohort\": \"own-camera-7\"}")
record CohortChoice(
        @NotNull
                @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE)
                @Schema(
                        description =
                                "An existing cohort, or the id of a new one with the pair and policy of the present one",
                        example = "own-camera-7")
                String cohort) {}
