package io.cema.cloud.rollout.update;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A candidate and what became of it.
 *
 * @param canaries how many devices got it first
 * @param reason of the decision, or what is still missing
 * @param decidedBy service, or who it was
 * @param evidence findings of each condition, the newest; left out of lists
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record UpdateRolloutView(
        @Schema(description = "ULID of the update") String version,
        @Schema(example = "fog-east") String cohort,
        String modelDigest,
        State state,
        int canaries,
        String reason,
        Optional<String> decidedBy,
        Optional<Map<String, Object>> evidence,
        Instant startedAt,
        Optional<Instant> judgedAt,
        Optional<Instant> decidedAt,
        @JsonIgnore long rowVersion) {
    /** SUPERSEDED: an operator or a changed policy ended the judgement, whatever its outcome. */
    enum State {
        CANARY,
        PROMOTED,
        REVOKED,
        SUPERSEDED
    }

    static UpdateRolloutView of(Row row, boolean withEvidence) {
        return new UpdateRolloutView(
                row.getString("version"),
                row.getString("cohort"),
                row.getString("model_digest"),
                State.valueOf(row.getString("state")),
                row.getInteger("canaries"),
                row.getString("reason"),
                Optional.ofNullable(row.getString("decided_by")),
                withEvidence ? Optional.of(row.getJsonObject("evidence")).map(JsonObject::getMap) : Optional.empty(),
                row.getOffsetDateTime("started_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("judged_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getOffsetDateTime("decided_at")).map(OffsetDateTime::toInstant),
                row.getLong("row_version"));
    }
}
