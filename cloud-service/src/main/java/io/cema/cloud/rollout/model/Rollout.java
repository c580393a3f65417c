package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A rollout as it stands. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A rollout: a cohort moves to another pair of models in waves")
record Rollout(
        @Schema(description = "ULID") String id,
        String cohort,
        @Schema(description = "The pair it leads to") String pair,
        @Schema(description = "The pair its devices return to if it ends badly") String formerPair,
        List<Wave> waves,
        RolloutState state,
        @Schema(description = "Number of the running or last wave, from 0; -1 before the start") int wave,
        @Schema(description = "Why it stands where it stands") String reason,
        @Schema(description = "What the running wave waits for, with the numbers of the newest look") String finding,
        @Schema(description = "The entity tag; rises with every change of state or wave") long version,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> waveStartedAt,
        @Schema(description = "When the running wave ends undecided; while paused it stands still")
                Optional<Instant> waveDeadline,
        Optional<Instant> endedAt,
        @Schema(description = "Devices of each wave by state; in the answer for one rollout")
                Optional<List<WaveProgress>> progress) {

    @JsonIgnore
    boolean lastWave() {
        return wave == waves.size() - 1;
    }

    /** The path below /api/v1. */
    @JsonIgnore
    String path() {
        return "rollouts/" + id;
    }

    Rollout with(List<WaveProgress> counts) {
        return new Rollout(
                id,
                cohort,
                pair,
                formerPair,
                waves,
                state,
                wave,
                reason,
                finding,
                version,
                createdAt,
                startedAt,
                waveStartedAt,
                waveDeadline,
                endedAt,
                Optional.of(counts));
    }
}
