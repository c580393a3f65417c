package io.cema.cloud.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Devices that share a pair of models and its adaptation, as they are now. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "Devices that share a pair of models and its adaptation")
public record Cohort(
        @Schema(example = "fog-east") String id,
        @Schema(example = "signs") String pair,
        @Schema(description = "Ids of all its devices, by its list or by its selector") List<String> devices,
        @Schema(description = "Which devices come by themselves", example = "site=north,!old")
                Optional<String> selector,
        @Schema(
                        description =
                                "Of its selector, where those of several cohorts match: the smallest wins, then the oldest")
                int priority,
        @Schema(
                        implementation = Object.class,
                        description =
                                "Sections `selection`, `cadence`, `gate`, `learning`, `guard`, `canary` and the switch"
                                        + " `adaptation`; what is absent has its default")
                JsonNode policy,
        @Schema(description = "Rises with each change by an operator") long version,
        Instant createdAt,
        @Schema(
                        description =
                                "Up to 100 devices that match the selector and are elsewhere; in the answer about one"
                                        + " cohort alone")
                Optional<List<Outvoted>> outvoted) {
    /** A device that matches a cohort's selector and is elsewhere. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    @Schema(description = "A device that matches the selector and is elsewhere")
    public record Outvoted(
            String device,
            @Schema(description = "Where it is") String cohort,
            @Schema(
                            description =
                                    "LIST: that cohort names it; SELECTOR: that cohort's selector matches too, and has"
                                            + " the smaller priority, or is older")
                    String placedBy) {}

    Cohort with(List<Outvoted> elsewhere) {
        return new Cohort(id, pair, devices, selector, priority, policy, version, createdAt, Optional.of(elsewhere));
    }
}
