package io.cema.cloud.security.access;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A token that is wanted; {@code lifetime} may be absent. */
@Schema(description = "A token that is wanted")
record NewToken(
        @NotNull
                @Pattern(
                        regexp = "(?!anonymous$)[A-Za-z0-9._@+-]{1,100}",
                        message = "must be 1 to 100 letters, digits or one of ._@+-")
                @Schema(description = "Stands in the audit log", example = "jane@example.org")
                String subject,
        @NotNull Role role,
        @Schema(
                        description = "ISO 8601; absent: cema.access.token-validity",
                        type = SchemaType.STRING,
                        example = "PT8H")
                Duration lifetime) {}
