package io.cema.cloud.security.access;

import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A token as it is handed over, once. */
@Schema(description = "A token of the local issuer; it stands in this answer alone")
record IssuedToken(
        @Schema(description = "Revokes it: DELETE /api/v1/tokens/{id}") String id,
        String subject,
        Role role,
        String tenant,
        Instant expiry,
        @Schema(description = "For the header Authorization: Bearer TOKEN") String token) {
    /** It may be logged without being given away. */
    @Override
    public String toString() {
        return "token " + id + " of " + subject;
    }
}
