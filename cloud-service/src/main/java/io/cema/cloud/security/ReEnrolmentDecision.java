package io.cema.cloud.security;

import jakarta.validation.constraints.NotNull;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An admin's word about a re-enrolment. */
@Schema(description = "Whether the device may have another certificate")
record ReEnrolmentDecision(@NotNull @Schema(example = "true") Boolean approved) {}
