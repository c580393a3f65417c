package io.cema.cloud.fleet.command;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a device is to do. */
@Schema(description = "What a device is to do")
record NewCommand(
        @NotNull
                @Pattern(
                        regexp = "[a-z][a-z0-9-]{0,39}",
                        message = "must be 1 to 40 of a-z, 0-9 and '-', a letter first")
                @Schema(description = "Agents know at least ping and reload", example = "ping")
                String name,
        @Size(max = 16)
                Map<
                                @Pattern(
                                        regexp = "[A-Za-z][A-Za-z0-9._-]{0,62}",
                                        message = "must be 1 to 63 letters, digits, '.', '_' or '-'")
                                String,
                                @NotNull @Size(max = 1000) String>
                        arguments,
        @Min(1)
                @Max(LONGEST_TIMEOUT)
                @Schema(
                        description = "How long the command is valid: a device that is away gets it if it comes back in"
                                + " time. 60 if absent, at most 7 days",
                        example = "60")
                Integer timeoutSeconds) {
    private static final int DEFAULT_TIMEOUT = 60;
    private static final int LONGEST_TIMEOUT = 7 * 24 * 3600;

    NewCommand {
        arguments = arguments == null ? Map.of() : arguments;
        timeoutSeconds = timeoutSeconds == null ? DEFAULT_TIMEOUT : timeoutSeconds;
    }
}
