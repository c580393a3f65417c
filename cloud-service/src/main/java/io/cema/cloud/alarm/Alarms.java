package io.cema.cloud.alarm;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.OneByOne;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Raises and clears alarms, in the transaction of whoever finds something wrong or well again. Both may be called time and
 * again: an alarm that is open is not raised a second time, and clearing none changes nothing. Any thread.
 */
@ApplicationScoped
public class Alarms {
    private static final int DONE = 200;

    /** SQL: of the alarm that is open about $1 type, $2 signal, $3 path and $4 cohort. */
    private static final String OPEN = " where state <> 'CLEARED' and type = $1 and signal = $2 and subject = $3"
            + " and coalesce(cohort, '') = coalesce($4::text, '')";

    /** SQL: behind it the place of the reason, and of which alarms. */
    private static final String CLEAR =
            "update alarm set state = 'CLEARED', cleared_at = now(), cleared_by = 'service',"
                    + " version = version + 1, clear_reason = ";

    private final LiveEvents live;
    private final AuditLog audit;

    Alarms(LiveEvents live, AuditLog audit) {
        this.live = live;
        this.audit = audit;
    }

    /**
     * @param message what is wrong and where, for people
     * @param evidence the numbers behind it; small
     * @return false if it was open already
     */
    public Uni<Boolean> raise(SqlConnection connection, AlarmSubject subject, String message, JsonObject evidence) {
        String id = UlidCreator.getMonotonicUlid().toString();
        return connection
                .preparedQuery(
                        "insert into alarm (tenant, type, signal, subject, cohort, id, device, severity, message,"
                                + " evidence) values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9)"
                                + " on conflict (tenant, type, signal, subject, coalesce(cohort, '')) where state <> 'CLEARED'"
                                + " do nothing returning *")
                .execute(of(subject)
                        .addValue(id)
                        .addValue(subject.device().orElse(null))
                        .addValue(subject.type().severity().name())
                        .addValue(message)
                        .addValue(evidence))
                .chain(rows -> rows.size() == 0
                        ? Uni.createFrom().item(false)
                        : told(connection, rows, "raised")
                                .chain(() -> audit.record(
                                        connection, Actor.service(), "RAISE", "/api/v1/alarms/" + id, DONE))
                                .replaceWith(true));
    }

    /** What is wrong, told anew of an alarm that is open: nobody is told again. */
    public Uni<Void> describe(SqlConnection connection, AlarmSubject subject, String message, JsonObject evidence) {
        return connection
                .preparedQuery("update alarm set message = $5, evidence = $6, version = version + 1" + OPEN
                        + " and message <> $5")
                .execute(of(subject).addValue(message).addValue(evidence))
                .replaceWithVoid();
    }

    /** It is well again. */
    public Uni<Void> clear(SqlConnection connection, AlarmSubject subject, String reason) {
        return cleared(
                connection,
                connection
                        .preparedQuery(CLEAR + "$5" + OPEN + " returning *")
                        .execute(of(subject).addValue(reason)));
    }

    /** All that are open of a type about a cohort or what is in it; of one device, if it is named. */
    public Uni<Void> clearAll(
            SqlConnection connection, AlarmType type, String cohort, Optional<String> device, String reason) {
        return cleared(
                connection,
                connection
                        .preparedQuery(CLEAR
                                + "$4 where state <> 'CLEARED' and type = $1 and cohort = $2 and ($3::text is null or device = $3)"
                                + " returning *")
                        .execute(Tuple.of(type.name(), cohort, device.orElse(null), reason)));
    }

    private Uni<Void> cleared(SqlConnection connection, Uni<RowSet<Row>> update) {
        return update.chain(rows -> told(connection, rows, "cleared")
                .chain(() -> OneByOne.each(
                        rows,
                        row -> audit.record(
                                connection, Actor.service(), "CLEAR", "/api/v1/alarms/" + row.getString("id"), DONE))));
    }

    /** Tells of each, as it stands now. */
    Uni<Void> told(SqlConnection connection, RowSet<Row> rows, String what) {
        return OneByOne.each(
                rows,
                row -> live.append(
                        connection,
                        "alarm." + what,
                        "alarms/" + row.getString("id"),
                        new JsonObject()
                                .put("type", row.getString("type"))
                                .put("signal", row.getString("signal"))
                                .put("subject", row.getString("subject"))
                                .put("cohort", row.getString("cohort"))
                                .put("device", row.getString("device"))
                                .put("severity", row.getString("severity"))
                                .put("message", row.getString("message"))
                                .put("reason", row.getString("clear_reason"))));
    }

    private static Tuple of(AlarmSubject subject) {
        return Tuple.tuple()
                .addValue(subject.type().name())
                .addValue(subject.signal())
                .addValue(subject.path())
                .addValue(subject.cohort().orElse(null));
    }
}
