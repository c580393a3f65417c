package io.cema.cloud.rollout.update;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.adaptation.CanaryPhase;
import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.rollout.health.HealthJudge;
import io.cema.cloud.rollout.health.HealthVerdict;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Optional;

/**
 * Ends the judgement of a candidate, in the caller's transaction, which holds the loop's row. Each answers with the
 * checkpoint that nobody needs any more, to be deleted after the commit.
 */
@ApplicationScoped
class UpdateDecisions {
    private final UpdatePublisher publisher;
    private final HealthJudge health;
    private final LiveEvents events;
    private final Alarms alarms;
    private final ObjectMapper json;

    UpdateDecisions(
            UpdatePublisher publisher, HealthJudge health, LiveEvents events, Alarms alarms, ObjectMapper json) {
        this.publisher = publisher;
        this.health = health;
        this.events = events;
        this.alarms = alarms;
        this.json = json;
    }

    /**
     * Why and by whom.
     *
     * @param verdict what it rests on, if it does
     */
    record Ground(String who, String reason, Optional<HealthVerdict> verdict) {
        static Ground of(HealthVerdict verdict) {
            return new Ground("service", verdict.reason(), Optional.of(verdict));
        }
    }

    /** The candidate goes to all, as a new revision; the canaries have it already. */
    Uni<Optional<String>> promote(SqlConnection connection, Loop loop, Ground ground) {
        String version = loop.candidate().orElseThrow();
        return publisher
                .publish(connection, loop.key(), version, CanaryPhase.STABLE, java.util.List.of())
                .chain(() -> loop.goLive(connection))
                .chain(() -> end(connection, loop, "PROMOTED", ground))
                .replaceWith(loop.checkpoint()
                        .filter(old -> !loop.candidateCheckpoint().equals(Optional.of(old))));
    }

    /** The canaries go back to the last good version, or to the registered model; so does the loop. */
    Uni<Optional<String>> revoke(SqlConnection connection, Loop loop, String state, Ground ground) {
        Uni<String> good = loop.liveVersion().isPresent()
                ? Uni.createFrom().item(loop.liveVersion().get())
                : BaseVersions.of(connection, loop);
        return good.chain(version -> CohortDevices.of(connection, loop.key().cohort())
                        .chain(devices -> publisher.publish(
                                connection, loop.key(), version, CanaryPhase.CANARY, devices.canaries())))
                .chain(() -> loop.dropCandidate(connection))
                .chain(() -> end(connection, loop, state, ground))
                .replaceWith(loop.candidateCheckpoint()
                        .filter(gone -> !loop.checkpoint().equals(Optional.of(gone))));
    }

    /** Writes down the end of a judgement; nothing if there is none. */
    Uni<Void> end(SqlConnection connection, Loop loop, String state, Ground ground) {
        if (loop.candidate().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        String version = loop.candidate().get();
        return connection
                .preparedQuery("update update_rollout set state = $2, reason = $3, decided_by = $4, decided_at = now(),"
                        + " judged_at = now(), evidence = coalesce($5, evidence), row_version = row_version + 1"
                        + " where version = $1")
                .execute(Tuple.tuple()
                        .addValue(version)
                        .addValue(state)
                        .addValue(ground.reason())
                        .addValue(ground.who())
                        .addValue(ground.verdict().map(this::text).orElse(null)))
                .chain(() -> health.end(connection, version))
                .chain(() -> events.append(
                        connection,
                        "update-rollout." + state.toLowerCase(Locale.ROOT),
                        "update-rollouts/" + version,
                        new JsonObject().put("cohort", loop.key().cohort()).put("reason", ground.reason())))
                .chain(() -> alarm(connection, loop.key().cohort(), version, state, ground));
    }

    /** What an operator decides is no news to operators. */
    private Uni<Void> alarm(SqlConnection connection, String cohort, String version, String state, Ground ground) {
        AlarmSubject subject = AlarmSubject.cohort(AlarmType.UPDATE_REVOKED, cohort);
        if (state.equals("PROMOTED")) {
            return alarms.clear(connection, subject, "update " + version + " is well");
        }
        return state.equals("REVOKED") && ground.verdict().isPresent()
                ? alarms.raise(
                                connection,
                                subject,
                                "cohort " + cohort + ": canaries were worse under update " + version + ": "
                                        + ground.reason(),
                                new JsonObject().put("version", version))
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
    }

    /** Writes down how it stands. */
    Uni<Void> look(SqlConnection connection, String version, HealthVerdict verdict) {
        return connection
                .preparedQuery("update update_rollout set reason = $2, evidence = $3, judged_at = now()"
                        + " where version = $1")
                .execute(Tuple.of(version, verdict.reason(), text(verdict)))
                .replaceWithVoid();
    }

    private JsonObject text(HealthVerdict verdict) {
        try {
            return new JsonObject(json.writeValueAsString(verdict));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the verdict " + verdict + " cannot be written as JSON", e);
        }
    }
}
