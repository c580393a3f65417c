package io.cema.cloud.guard;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A device set apart in a cohort, now or before, as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A device set apart in a cohort, now or before")
record QuarantineView(
        @Schema(example = "camera-7") String device,
        @Schema(example = "fog-east") String cohort,
        @Schema(description = "QUARANTINED, RELEASED or MOVED", example = "QUARANTINED") String state,
        Instant since,
        @Schema(description = "When an operator decided") Optional<Instant> decidedAt,
        Optional<String> movedTo,
        @Schema(description = "Its samples in this cohort: kept, and not learnt from while it is set apart")
                long samples,
        @Schema(description = "A cohort of its own, to be moved to", example = "own-camera-7") String proposedCohort,
        Evidence evidence,
        @JsonIgnore long version) {
    private static final int LONGEST_ID = 30;

    static String proposal(String device) {
        String id = "own-" + device;
        return id.length() <= LONGEST_ID ? id : id.substring(0, LONGEST_ID);
    }
}
