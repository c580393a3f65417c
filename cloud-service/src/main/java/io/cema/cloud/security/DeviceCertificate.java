package io.cema.cloud.security;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device's certificate as REST gives it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device's certificate")
record DeviceCertificate(
        String device,
        @Schema(description = "Lower-case hex") String serial,
        @Schema(description = "How often the device was enrolled; orders what it says") long generation,
        Instant notBefore,
        Instant notAfter,
        Optional<Instant> revokedAt,
        @Schema(description = "PEM") String certificate,
        @Schema(description = "The authority's certificate in PEM; the claim carries its fingerprint")
                String authority) {
    static DeviceCertificate of(IssuedCertificate issued, CertificateAuthority authority) {
        return new DeviceCertificate(
                issued.device(),
                issued.serial(),
                issued.generation(),
                issued.notBefore(),
                issued.notAfter(),
                issued.revokedAt(),
                issued.pem(),
                authority.pem());
    }
}
