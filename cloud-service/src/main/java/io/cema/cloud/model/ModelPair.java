package io.cema.cloud.model;

import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An edge model and the foundation model that teaches it. */
@Schema(description = "An edge model and the foundation model that teaches it; both must have the same classes")
public record ModelPair(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "signs") String id,
        @NotNull
                @Pattern(regexp = "[0-9a-f]{64}", message = "must be the model's SHA-256, 64 lower-case hex digits")
                @Schema(description = "Digest of the edge model", example = ModelPair.EXAMPLE)
                String edge,
        @NotNull
                @Pattern(regexp = "[0-9a-f]{64}", message = "must be the model's SHA-256, 64 lower-case hex digits")
                @Schema(description = "Digest of the foundation model", example = ModelPair.EXAMPLE)
                String foundation) {
    private static final String EXAMPLE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
}
