package io.cema.cloud.security;

import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device whose certificate ran out asks for another. */
@Schema(description = "A device whose certificate ran out asks for another")
record ReEnrolmentRequest(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "cam-1") String device,
        @NotNull
                @Size(max = 8192)
                @Schema(
                        description =
                                "PKCS#10 in PEM with the key of the certificate at its end, whose signature proves it",
                        example = "-----BEGIN CERTIFICATE REQUEST-----...")
                String request) {}
