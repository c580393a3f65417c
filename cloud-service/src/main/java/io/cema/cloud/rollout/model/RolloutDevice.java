package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device's place in a rollout. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device's place in a rollout")
record RolloutDevice(
        String device,
        @Schema(description = "Number of its wave, from 0") int wave,
        @Schema(description = "True while the device is meant to have the model by this rollout") boolean active,
        @Schema(description = "How far it is, or was when the rollout let go of it") DeviceState state,
        @Schema(description = "Why it failed, else empty") String reason,
        @Schema(description = "What it reported last has the rollout's model in use") boolean reportsModel,
        @Schema(description = "When it was told to take the model") Optional<Instant> activatedAt,
        @Schema(description = "Since when the state stands") Optional<Instant> stateAt) {}
