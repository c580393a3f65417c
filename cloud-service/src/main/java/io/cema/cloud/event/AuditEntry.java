package io.cema.cloud.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One line of the audit log. */
@Schema(description = "Who did what to what, when, from where, and what came of it")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record AuditEntry(
        long id,
        Instant at,
        @Schema(description = "Subject of a token, device:ID, or anonymous", example = "jane") String who,
        @Schema(description = "Where the request came from", example = "192.0.2.7") String address,
        @Schema(description = "HTTP method; ENROL or RENEW for a device's certificate", example = "PUT")
                String operation,
        @Schema(example = "/api/v1/cohorts/fog-east/policy") String resource,
        Outcome outcome,
        @Schema(description = "HTTP status of the answer; absent while the outcome is unknown")
                Optional<Integer> status,
        @Schema(description = "Path of what was made") Optional<String> created) {
    /** What came of a request. UNKNOWN: not answered yet, or the process ended before; it may have happened. */
    enum Outcome {
        DONE,
        REFUSED,
        FAILED,
        UNKNOWN;

        static Outcome of(Optional<Integer> status) {
            return status.map(s -> s < 400 ? DONE : s < 500 ? REFUSED : FAILED).orElse(UNKNOWN);
        }
    }
}
