package io.cema.cloud.alarm;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An alarm as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "Something that is wrong, or was")
record AlarmView(
        @Schema(example = "01JABCDEFGHJKMNPQRSTVWXYZ0") String id,
        AlarmType type,
        @Schema(description = "Of DRIFT: ENTROPY, CLASSES or STATISTICS; else empty", example = "ENTROPY")
                String signal,
        @Schema(description = "What it is about: a path below /api/v1", example = "devices/camera-1") String subject,
        Optional<String> cohort,
        Optional<String> device,
        AlarmType.Severity severity,
        State state,
        @Schema(description = "What is wrong, for people") String message,
        @Schema(description = "The numbers behind it, by the alarm's type") Map<String, Object> evidence,
        Instant raisedAt,
        Optional<Instant> acknowledgedAt,
        Optional<String> acknowledgedBy,
        Optional<Instant> clearedAt,
        @Schema(description = "service, where it cleared by itself") Optional<String> clearedBy,
        Optional<String> clearReason,
        @JsonIgnore long version) {
    /** Where an alarm stands. */
    @Schema(name = "AlarmState")
    enum State {
        RAISED,
        /** Somebody looks after it; still wrong. */
        ACKNOWLEDGED,
        CLEARED
    }
}
