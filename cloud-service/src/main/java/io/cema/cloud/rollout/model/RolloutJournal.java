package io.cema.cloud.rollout.model;

import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Tells of every transition, in its transaction: to those who watch, and to the audit log where the service acted itself. */
@ApplicationScoped
class RolloutJournal {
    private static final int DONE = 200;
    private static final Set<String> STOPPED = Set.of("rolling-back", "failed");

    private final LiveEvents events;
    private final AuditLog audit;
    private final Alarms alarms;

    RolloutJournal(LiveEvents events, AuditLog audit, Alarms alarms) {
        this.events = events;
        this.audit = audit;
        this.alarms = alarms;
    }

    /** What an operator asked for; the audit log has that already, by its filter. */
    Uni<Void> told(SqlConnection connection, Rollout rollout, String what, String reason) {
        return events.append(
                connection,
                "rollout." + what,
                rollout.path(),
                new JsonObject()
                        .put("cohort", rollout.cohort())
                        .put("pair", rollout.pair())
                        .put("wave", rollout.wave())
                        .put("reason", reason));
    }

    /** What the service decided. */
    Uni<Void> decided(SqlConnection connection, Rollout rollout, String what, String reason) {
        return told(connection, rollout, what, reason)
                .chain(() -> audit.record(
                        connection,
                        Actor.service(),
                        what.toUpperCase(Locale.ROOT).replace('-', '_'),
                        "/api/v1/" + rollout.path(),
                        DONE))
                .chain(() -> alarm(connection, rollout, what, reason));
    }

    private Uni<Void> alarm(SqlConnection connection, Rollout rollout, String what, String reason) {
        if (what.equals("succeeded")) {
            return alarms.clearAll(
                    connection,
                    AlarmType.ROLLOUT_STOPPED,
                    rollout.cohort(),
                    Optional.empty(),
                    "a later rollout succeeded");
        }
        return STOPPED.contains(what)
                ? alarms.raise(
                                connection,
                                new AlarmSubject(
                                        AlarmType.ROLLOUT_STOPPED,
                                        "",
                                        rollout.path(),
                                        Optional.of(rollout.cohort()),
                                        Optional.empty()),
                                "cohort " + rollout.cohort() + ": the rollout of pair " + rollout.pair()
                                        + " was stopped in wave " + rollout.wave() + ": " + reason,
                                new JsonObject().put("pair", rollout.pair()).put("wave", rollout.wave()))
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
    }
}
