package io.cema.cloud.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device as the cloud sees it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device as the cloud sees it")
public record Device(
        String id,
        Optional<String> cohort,
        @Schema(description = "ONLINE, OFFLINE, or UNKNOWN after three silent telemetry intervals") String presence,
        long generation,
        long connection,
        @Schema(description = "Version of the newest desired state sent") long desiredVersion,
        @Schema(description = "What the device reported last") Optional<Map<String, Object>> reported,
        @Schema(
                        description = "The newest counters since agent start, power and temperature where the device"
                                + " has a sensor, and joulesPerInference between the newest two messages")
                Optional<Map<String, Object>> telemetry,
        Optional<Instant> seenAt,
        Instant createdAt) {}
