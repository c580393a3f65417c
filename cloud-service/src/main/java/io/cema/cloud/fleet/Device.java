package io.cema.cloud.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device as the cloud sees it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device as the cloud sees it")
public record Device(
        @Schema(example = "camera-1") String id,
        @Schema(description = "For people; empty if nobody gave it one") String displayName,
        String description,
        @Schema(example = "{\"site\": \"north\", \"floor\": \"2\"}") Map<String, String> labels,
        @Schema(description = "ACTIVE, or DECOMMISSIONED: it has no rights, and what it says does not count")
                String status,
        @Schema(description = "Rises with each change by an operator, and with each move") long version,
        Optional<String> cohort,
        @Schema(description = "Why it is in its cohort: LIST, the cohort names it; SELECTOR, its labels match")
                Optional<String> placedBy,
        @Schema(
                        description =
                                "The cohorts whose models it runs, each in a slot of its own: its own cohort first,"
                                        + " then the further ones",
                        example = "[\"yard-east\", \"gate-plates\"]")
                List<String> slots,
        @Schema(description = "ONLINE, OFFLINE, or UNKNOWN after three silent telemetry intervals") String presence,
        long generation,
        long connection,
        @Schema(description = "Version of the newest desired state sent") long desiredVersion,
        @Schema(description = "What the device reported last") Optional<Map<String, Object>> reported,
        @Schema(
                        description = "The newest counters since agent start, power and temperature where the device"
                                + " has a sensor, joulesPerInference between the newest two messages, and"
                                + " clockAheadMillis: the device's clock less the service's when the message came,"
                                + " its way included")
                Optional<Map<String, Object>> telemetry,
        Optional<Instant> seenAt,
        Instant createdAt,
        Optional<Instant> decommissionedAt) {
    static final String ACTIVE = "ACTIVE";
    static final String DECOMMISSIONED = "DECOMMISSIONED";
    static final String LIST = "LIST";
    static final String SELECTOR = "SELECTOR";
}
