package io.cema.cloud.security;

import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.Future;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An operator's word that a device may enrol; {@code cohort} and {@code expiry} may be absent. */
@Schema(description = "An operator's word that a device may enrol")
record NewClaim(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "cam-1") String device,
        @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE)
                @Schema(description = "Where the device is put; absent: where it is", example = "fog-east")
                String cohort,
        @Future @Schema(description = "Absent: after cema.security.claim-validity") Instant expiry) {}
