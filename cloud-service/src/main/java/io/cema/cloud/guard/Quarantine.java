package io.cema.cloud.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.alarm.AlarmSubject;
import io.cema.cloud.alarm.AlarmType;
import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.fleet.CohortMoves;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The devices set apart. The service puts them here, an operator lets them out; each change is one transaction that tells
 * the loops to read their uploads anew.
 */
@ApplicationScoped
class Quarantine {
    private static final String SELECT = "select q.*, (select count(*) from sample s where s.tenant = q.tenant"
            + " and s.device = q.device and s.cohort = q.cohort) as samples from quarantine q";

    private final TenantDatabase database;
    private final CohortMoves moves;
    private final LiveEvents events;
    private final AuditLog audit;
    private final Alarms alarms;
    private final ObjectMapper json;
    private final String tenant;

    Quarantine(
            TenantDatabase database,
            CohortMoves moves,
            LiveEvents events,
            AuditLog audit,
            Alarms alarms,
            ObjectMapper json,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.moves = moves;
        this.events = events;
        this.audit = audit;
        this.alarms = alarms;
        this.json = json;
        this.tenant = tenant;
    }

    /** @return false if it was set apart already */
    Uni<Boolean> setApart(String device, String cohort, Evidence evidence) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("insert into quarantine (tenant, device, cohort, state, evidence)"
                        + " values (current_setting('cema.tenant'), $1, $2, 'QUARANTINED', $3)"
                        + " on conflict (tenant, device, cohort) do update set state = 'QUARANTINED',"
                        + " evidence = excluded.evidence, since = now(), decided_at = null, moved_to = null,"
                        + " version = quarantine.version + 1 where quarantine.state <> 'QUARANTINED'")
                .execute(Tuple.of(device, cohort, object(evidence)))
                .chain(rows -> rows.rowCount() == 0
                        ? Uni.createFrom().item(false)
                        : told(connection, device, cohort, "quarantine.added", object(evidence))
                                .chain(() -> audit.record(
                                        connection, Actor.service(), "QUARANTINE", "/api/v1/quarantine/" + device, 200))
                                .chain(() -> alarms.raise(
                                        connection,
                                        AlarmSubject.device(AlarmType.DEVICE_QUARANTINED, device, cohort),
                                        "device " + device + " is unlike cohort " + cohort
                                                + " and was set apart; release or move it",
                                        object(evidence)))
                                .replaceWith(true)));
    }

    /** Newest first. */
    Uni<List<QuarantineView>> list(Optional<String> cohort, Optional<String> state, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SELECT + " where ($1::text is null or q.cohort = $1)"
                        + " and ($2::text is null or q.state = $2) order by q.since desc, q.device limit $3 offset $4")
                .execute(Tuple.of(cohort.orElse(null), state.orElse(null), limit, offset))
                .map(rows -> {
                    List<QuarantineView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(view(row)));
                    return views;
                }));
    }

    /** The device's open case, else its last one. Fails with 404. */
    Uni<QuarantineView> find(String device) {
        return database.inTransaction(tenant, connection -> find(connection, device, ""));
    }

    /** Its uploads count again, those that waited as well. Fails with 404, 409 or 412. */
    Uni<QuarantineView> release(String device, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> open(connection, device, ifMatch)
                .chain(found -> decide(connection, found, "RELEASED", Optional.empty())
                        .chain(() -> told(connection, device, found.cohort(), "quarantine.released", JsonObject.of())))
                .chain(() -> find(connection, device, "")));
    }

    /** It goes to a cohort where it fits; what it sent before stays apart. Fails with 404, 409 or 412. */
    Uni<QuarantineView> move(String device, String cohort, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> open(connection, device, ifMatch)
                .chain(found -> {
                    if (found.cohort().equals(cohort)) {
                        throw ProblemException.conflict("device " + device + " is set apart in cohort " + cohort
                                + " itself; release it, or name another cohort");
                    }
                    return moves.move(connection, device, found.cohort(), cohort)
                            .chain(() -> decide(connection, found, "MOVED", Optional.of(cohort)))
                            .chain(() -> told(
                                    connection,
                                    device,
                                    found.cohort(),
                                    "quarantine.moved",
                                    JsonObject.of("from", found.cohort(), "to", cohort)));
                })
                .chain(() -> find(connection, device, "")));
    }

    private Uni<Void> decide(SqlConnection connection, QuarantineView found, String state, Optional<String> movedTo) {
        return connection
                .preparedQuery(
                        "update quarantine set state = $3, decided_at = now(), moved_to = $4, version = version + 1"
                                + " where device = $1 and cohort = $2")
                .execute(Tuple.of(found.device(), found.cohort(), state, movedTo.orElse(null)))
                .chain(() -> alarms.clear(
                        connection,
                        AlarmSubject.device(AlarmType.DEVICE_QUARANTINED, found.device(), found.cohort()),
                        "an operator decided"));
    }

    private Uni<Void> told(SqlConnection connection, String device, String cohort, String type, JsonObject data) {
        return connection
                .preparedQuery("update adaptation_loop set withdrawals = withdrawals + 1 where cohort = $1")
                .execute(Tuple.of(cohort))
                .chain(() -> events.append(
                        connection, type, "devices/" + device, data.copy().put("cohort", cohort)));
    }

    private Uni<QuarantineView> open(SqlConnection connection, String device, Optional<String> ifMatch) {
        return find(connection, device, " for update").invoke(found -> {
            EntityTags.requireMatch(ifMatch, found.version());
            if (!found.state().equals("QUARANTINED")) {
                throw ProblemException.conflict("device " + device + " is not set apart any more, it is "
                        + found.state() + " since " + found.decidedAt().orElseThrow());
            }
        });
    }

    private Uni<QuarantineView> find(SqlConnection connection, String device, String locking) {
        return connection
                .preparedQuery(SELECT + " where q.device = $1 order by (q.state = 'QUARANTINED') desc, q.since desc"
                        + " limit 1" + locking)
                .execute(Tuple.of(device))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("device " + device + " was never set apart");
                    }
                    return view(rows.iterator().next());
                });
    }

    private JsonObject object(Evidence evidence) {
        try {
            return new JsonObject(json.writeValueAsString(evidence));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("evidence " + evidence + " cannot be written as JSON", e);
        }
    }

    private QuarantineView view(Row row) {
        try {
            return new QuarantineView(
                    row.getString("device"),
                    row.getString("cohort"),
                    row.getString("state"),
                    row.getOffsetDateTime("since").toInstant(),
                    Optional.ofNullable(row.getOffsetDateTime("decided_at")).map(OffsetDateTime::toInstant),
                    Optional.ofNullable(row.getString("moved_to")),
                    row.getLong("samples"),
                    QuarantineView.proposal(row.getString("device")),
                    json.readValue(row.getJsonObject("evidence").encode(), Evidence.class),
                    row.getLong("version"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the stored evidence against device " + row.getString("device") + " cannot be read", e);
        }
    }
}
