package io.cema.cloud.security;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.cloud.security.ReEnrolment.State;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The requests of devices whose certificate ran out: one for each such certificate. */
@ApplicationScoped
class ReEnrolments {
    private static final String SELECT = "select r.*, c.not_after from re_enrolment r"
            + " join device_certificate c on c.tenant = r.tenant and c.serial = r.expired_serial";

    private final TenantDatabase database;
    private final LiveEvents events;

    ReEnrolments(TenantDatabase database, LiveEvents events) {
        this.database = database;
        this.events = events;
    }

    /** Newest first, of one state or of all. */
    Uni<List<ReEnrolment>> list(String tenant, Optional<State> state, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SELECT + " where ($1::text is null or r.state = $1)"
                        + " order by r.requested_at desc, r.id desc limit $2 offset $3")
                .execute(Tuple.of(state.map(State::name).orElse(null), limit, offset))
                .map(rows -> {
                    List<ReEnrolment> found = new ArrayList<>();
                    rows.forEach(row -> found.add(request(row)));
                    return found;
                }));
    }

    /** Fails with 404. */
    Uni<ReEnrolment> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> find(connection, id));
    }

    /**
     * Decides, or decides otherwise as long as the device has not come for its certificate.
     *
     * @throws ProblemException 404, 409 if the certificate is given, 412 if another decision came between
     */
    Uni<ReEnrolment> decide(String tenant, String id, boolean approved, String who, Optional<String> ifMatch) {
        State state = approved ? State.APPROVED : State.DENIED;
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select 1 from re_enrolment where id = $1 for update")
                .execute(Tuple.of(id))
                .chain(() -> find(connection, id))
                .invoke(present -> {
                    EntityTags.requireMatch(ifMatch, present.version());
                    if (present.state() == State.ISSUED) {
                        throw ProblemException.conflict("re-enrolment " + id + ": device " + present.device()
                                + " has its certificate; revoke that instead");
                    }
                })
                .chain(() -> connection
                        .preparedQuery("update re_enrolment set state = $2, decided_at = now(), decided_by = $3,"
                                + " version = version + 1 where id = $1")
                        .execute(Tuple.of(id, state.name(), who)))
                .chain(() -> find(connection, id))
                .call(decided -> tell(connection, decided)));
    }

    /** The request for a certificate at its end; made anew if there is none. The certificate's row is locked. */
    Uni<ReEnrolment> of(SqlConnection connection, IssuedCertificate expired) {
        return connection
                .preparedQuery("insert into re_enrolment (tenant, id, device, expired_serial)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3)"
                        + " on conflict (tenant, expired_serial) do nothing")
                .execute(Tuple.of(UlidCreator.getUlid().toString(), expired.device(), expired.serial()))
                .chain(inserted -> connection
                        .preparedQuery(SELECT + " where r.expired_serial = $1")
                        .execute(Tuple.of(expired.serial()))
                        .map(rows -> request(rows.iterator().next()))
                        .call(request -> inserted.rowCount() == 1
                                ? tell(connection, request)
                                : Uni.createFrom().voidItem()));
    }

    /** The device has got its certificate. */
    Uni<Void> issued(SqlConnection connection, String id, String serial) {
        return connection
                .preparedQuery("update re_enrolment set state = 'ISSUED', serial = $2, version = version + 1"
                        + " where id = $1")
                .execute(Tuple.of(id, serial))
                .chain(() -> find(connection, id))
                .chain(request -> tell(connection, request));
    }

    private Uni<Void> tell(SqlConnection connection, ReEnrolment request) {
        return events.append(
                connection,
                "re-enrolment." + request.state().name().toLowerCase(Locale.ROOT),
                "re-enrolments/" + request.id(),
                new JsonObject().put("device", request.device()));
    }

    private static Uni<ReEnrolment> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where r.id = $1")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("no re-enrolment " + id + " was asked for");
                    }
                    return request(rows.iterator().next());
                });
    }

    private static ReEnrolment request(Row row) {
        return new ReEnrolment(
                row.getString("id"),
                row.getString("device"),
                State.valueOf(row.getString("state")),
                row.getOffsetDateTime("not_after").toInstant(),
                row.getOffsetDateTime("requested_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("decided_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getString("decided_by")),
                Optional.ofNullable(row.getString("serial")),
                row.getLong("version"));
    }
}
