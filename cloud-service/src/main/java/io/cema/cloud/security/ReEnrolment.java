package io.cema.cloud.security;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device's request for a new certificate after its own ran out, as operators see it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device whose certificate ran out asks for another")
record ReEnrolment(
        String id,
        String device,
        State state,
        @Schema(description = "End of the certificate it had") Instant expiredAt,
        Instant requestedAt,
        Optional<Instant> decidedAt,
        @Schema(description = "Who decided last") Optional<String> decidedBy,
        @Schema(description = "Serial number of the certificate given for it") Optional<String> serial,
        @Schema(description = "Raised by each decision; the entity tag") long version) {
    /** In this order, but for a decision that is changed before the device came for its certificate. */
    enum State {
        PENDING,
        APPROVED,
        DENIED,
        /** The device has its certificate. */
        ISSUED
    }
}
