package io.cema.cloud.fleet.release;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A version of the agent's software, with a package for each platform. */
@Schema(description = "A version of the agent's software")
record AgentRelease(
        @Schema(example = "0.2.0") String version,
        @Schema(example = "Reads cameras over RTSP") String notes,
        Instant createdAt,
        List<Package> packages,
        @Schema(description = "Cohorts whose devices are to run it") List<String> cohorts,
        @Schema(description = "Devices that are to run it whatever their cohort runs") List<String> devices) {
    /** The archive of one platform. */
    @Schema(name = "AgentPackage", description = "The archive of one platform")
    record Package(
            @Schema(example = "linux-x86_64") String platform,
            @Schema(description = "SHA-256, under which it is an artefact") String digest,
            @Schema(description = "Bytes") long size,
            @Schema(description = "Of the release key, in Base64; devices check it") String signature) {}
}
