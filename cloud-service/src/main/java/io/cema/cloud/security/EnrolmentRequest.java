package io.cema.cloud.security;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device's first words. */
@Schema(description = "A device asks for its first certificate")
record EnrolmentRequest(
        @NotNull
                @Size(max = 200)
                @Schema(description = "The claim's token, whole", example = "gTzsvI...kQ.5f70bf18...1b2c")
                String claim,
        @NotNull
                @Size(max = 8192)
                @Schema(
                        example = "-----BEGIN CERTIFICATE REQUEST-----\nMIH...",
                        description = "PKCS#10 in PEM; ECDSA key on P-256, common name `{tenant}/d/{device}`. All else"
                                + " of it is ignored")
                String request) {}
