package io.cema.cloud.security;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device asks for its next certificate. */
@Schema(description = "A device asks for its next certificate")
record RenewalRequest(
        @NotNull
                @Size(max = 8192)
                @Schema(
                        example = "-----BEGIN CERTIFICATE REQUEST-----\nMIH...",
                        description =
                                "PKCS#10 in PEM with the key of the present certificate, whose signature proves it")
                String request) {}
