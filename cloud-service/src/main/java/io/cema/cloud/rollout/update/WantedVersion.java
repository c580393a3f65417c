package io.cema.cloud.rollout.update;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The version an operator wants.
 *
 * @param version ULID of an update, or {@value #BASE} for the registered model where that is allowed
 */
record WantedVersion(
        @NotNull
                @Pattern(regexp = "[0-9A-Za-z]{1,40}", message = "must be the ULID of an update")
                @Schema(example = "01J8ZC4Q5T1V0Y7R3M2N6K9B8D")
                String version) {
    static final String BASE = "base";
}
