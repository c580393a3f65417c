package io.cema.cloud.drift;

import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Whose present is to be the usual; {@code device} may be absent. */
@Schema(description = "Whose present is to be the usual")
record NewBaseline(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "fog-east") String cohort,
        @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE)
                @Schema(description = "Absent: all devices of the cohort, and the cohort itself", example = "camera-1")
                String device) {}
