package io.cema.cloud.rollout.model;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;

/** Tells of every transition, in its transaction: to those who watch, and to the audit log where the service acted itself. */
@ApplicationScoped
class RolloutJournal {
    private static final int DONE = 200;

    private final LiveEvents events;
    private final AuditLog audit;

    RolloutJournal(LiveEvents events, AuditLog audit) {
        this.events = events;
        this.audit = audit;
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
                        what.toUpperCase(java.util.Locale.ROOT).replace('-', '_'),
                        "/api/v1/" + rollout.path(),
                        DONE));
    }
}
