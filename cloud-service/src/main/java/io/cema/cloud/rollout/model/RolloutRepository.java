package io.cema.cloud.rollout.model;

import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Table {@code rollout}. Every method works in the caller's transaction. */
@ApplicationScoped
class RolloutRepository {
    private static final Logger LOG = Logger.getLogger(RolloutRepository.class);
    private static final String SELECT = "select r.*, n.edge_digest as edge, f.edge_digest as former_edge,"
            + " coalesce(r.wave_deadline < now(), false) as overdue, c.pair as present_pair from rollout r"
            + " join model_pair n on n.tenant = r.tenant and n.id = r.pair"
            + " join model_pair f on f.tenant = r.tenant and f.id = r.former_pair"
            + " join cohort c on c.tenant = r.tenant and c.id = r.cohort";

    /**
     * A rollout with what its engine needs beside.
     *
     * @param edge digest of the edge model it leads to
     * @param formerEdge digest of the one its devices return to
     * @param presentPair the cohort's own pair now
     * @param overdue the running wave's time limit has passed
     */
    record Held(Rollout rollout, String edge, String formerEdge, String presentPair, boolean overdue) {}

    Uni<Void> insert(SqlConnection connection, String id, NewRollout wanted, String formerPair) {
        return connection
                .preparedQuery("insert into rollout (tenant, id, cohort, pair, former_pair, waves)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5)")
                .execute(Tuple.of(id, wanted.cohort(), wanted.pair(), formerPair, new JsonArray(wanted.wavesJson())))
                .replaceWithVoid();
    }

    /** Fails with 404. */
    Uni<Held> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where r.id = $1")
                .execute(Tuple.of(id))
                .map(rows -> held(rows, id));
    }

    /** Keeps every other change of it waiting until the transaction ends; fails with 404. */
    Uni<Held> lock(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where r.id = $1 for update of r")
                .execute(Tuple.of(id))
                .map(rows -> held(rows, id));
    }

    /** As {@link #lock}, but empty if another works on it, or if it has ended. */
    Uni<Optional<Held>> tryLock(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where r.id = $1 and r.state in ('RUNNING', 'PAUSED', 'ROLLING_BACK')"
                        + " for update of r skip locked")
                .execute(Tuple.of(id))
                .map(rows -> rows.size() == 0 ? Optional.empty() : Optional.of(held(rows, id)));
    }

    /** Those that are not at rest. */
    Uni<List<String>> open(SqlConnection connection) {
        return connection
                .preparedQuery(
                        "select id from rollout where state in ('RUNNING', 'PAUSED', 'ROLLING_BACK') order by id")
                .execute()
                .map(rows -> {
                    List<String> ids = new ArrayList<>();
                    rows.forEach(row -> ids.add(row.getString(0)));
                    return ids;
                });
    }

    /** Newest first. */
    Uni<List<Rollout>> list(
            SqlConnection connection, Optional<String> cohort, Optional<RolloutState> state, int limit, int offset) {
        return connection
                .preparedQuery(
                        SELECT + " where ($1::text is null or r.cohort = $1) and ($2::text is null or r.state = $2)"
                                + " order by r.id desc limit $3 offset $4")
                .execute(Tuple.of(cohort.orElse(null), state.map(Enum::name).orElse(null), limit, offset))
                .map(rows -> {
                    List<Rollout> rollouts = new ArrayList<>();
                    rows.forEach(row -> rollouts.add(held(row).rollout()));
                    return rollouts;
                });
    }

    /** The one of a cohort that is RUNNING or PAUSED. */
    Uni<Optional<String>> running(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select id from rollout where cohort = $1 and state in ('RUNNING', 'PAUSED')")
                .execute(Tuple.of(cohort))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getString(0)));
    }

    /**
     * Raises the version.
     *
     * @param changes further columns, SQL whose parameters begin with $4
     */
    Uni<Void> move(
            SqlConnection connection, String id, RolloutState state, String reason, String changes, Object... values) {
        Tuple parameters = Tuple.of(id, state.name(), reason);
        for (Object value : values) {
            parameters.addValue(value);
        }
        return connection
                .preparedQuery("update rollout set state = $2, reason = $3, version = version + 1" + changes
                        + " where id = $1")
                .execute(parameters)
                .replaceWithVoid();
    }

    Uni<Void> note(SqlConnection connection, String id, String finding) {
        return connection
                .preparedQuery("update rollout set finding = $2 where id = $1 and finding <> $2")
                .execute(Tuple.of(id, finding))
                .replaceWithVoid();
    }

    /** A rollback is complete; returns the state it was meant to end in. */
    Uni<RolloutState> end(SqlConnection connection, String id) {
        return connection
                .preparedQuery(
                        "update rollout set state = ending, ended_at = now(), finding = '', version = version + 1"
                                + " where id = $1 returning state")
                .execute(Tuple.of(id))
                .map(rows -> RolloutState.valueOf(rows.iterator().next().getString(0)));
    }

    private static Held held(RowSet<Row> rows, String id) {
        if (rows.size() == 0) {
            throw ProblemException.notFound("no rollout " + id + " exists; create one with POST /api/v1/rollouts");
        }
        return held(rows.iterator().next());
    }

    private static Held held(Row row) {
        return new Held(
                rollout(row),
                row.getString("edge"),
                row.getString("former_edge"),
                row.getString("present_pair"),
                row.getBoolean("overdue"));
    }

    private static Rollout rollout(Row row) {
        return new Rollout(
                row.getString("id"),
                row.getString("cohort"),
                row.getString("pair"),
                row.getString("former_pair"),
                waves(row),
                RolloutState.valueOf(row.getString("state")),
                row.getInteger("wave"),
                row.getString("reason"),
                row.getString("finding"),
                row.getLong("version"),
                row.getOffsetDateTime("created_at").toInstant(),
                instant(row, "started_at"),
                instant(row, "wave_started_at"),
                instant(row, "wave_deadline"),
                instant(row, "ended_at"),
                Optional.empty());
    }

    /** Empty if they cannot be read: the engine stops such a rollout, and an operator can still see and cancel it. */
    private static List<Wave> waves(Row row) {
        try {
            return NewRollout.waves(row.getJsonArray("waves").encode());
        } catch (IllegalArgumentException e) {
            LOG.errorf("rollout %s: %s", row.getString("id"), e.getMessage());
            return List.of();
        }
    }

    private static Optional<Instant> instant(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }
}
