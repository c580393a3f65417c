package io.cema.cloud.rollout.model;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How far a wave's devices are. */
@Schema(description = "How far a wave's devices are")
record WaveProgress(
        String name,
        @Schema(description = "Devices of this wave alone") long devices,
        @Schema(description = "Of them, those that are meant to have the model now") long active,
        long pending,
        long downloading,
        long downloaded,
        long verified,
        long applied,
        long failed) {}
