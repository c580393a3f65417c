package io.cema.cloud.security;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A claim as operators see it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "Admits one key of one device, once")
record Claim(
        String id,
        String device,
        Optional<String> cohort,
        Instant expiry,
        Instant createdAt,
        @Schema(description = "When a device enrolled with it") Optional<Instant> usedAt,
        @Schema(description = "Serial number of the certificate given for it") Optional<String> serial,
        @Schema(description = "What the device needs; in the answer to the creation alone, and kept nowhere")
                Optional<String> token) {
    Claim with(String secret) {
        return new Claim(id, device, cohort, expiry, createdAt, usedAt, serial, Optional.of(secret));
    }
}
