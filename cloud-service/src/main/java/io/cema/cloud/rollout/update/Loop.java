package io.cema.cloud.rollout.update;

import io.cema.cloud.adaptation.LoopKey;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A loop's row, locked: whoever decides on its versions holds it, so decisions and publications follow one another. Locks
 * are taken in the order loops, cohort, devices by id.
 *
 * @param checkpoint artefact of the live version's twin
 */
record Loop(
        LoopKey key,
        long fencing,
        String foundationDigest,
        Optional<String> liveVersion,
        Optional<String> checkpoint,
        Optional<String> candidate,
        Optional<String> candidateCheckpoint) {
    private static final String SELECT =
            "select tenant, cohort, model_digest, fencing, foundation_digest, live_version,"
                    + " checkpoint, candidate_version, candidate_checkpoint from adaptation_loop where ";

    /** The loop whose candidate this is; empty if it is none any more, or if another one decides just now. */
    static Uni<Optional<Loop>> ofCandidate(SqlConnection connection, String version, boolean wait) {
        return loops(connection, "candidate_version = $1 for update" + (wait ? "" : " skip locked"), version)
                .map(loops -> loops.stream().findFirst());
    }

    /** All loops of a cohort, in order. */
    static Uni<List<Loop>> ofCohort(SqlConnection connection, String cohort) {
        return loops(connection, "cohort = $1 order by model_digest for update", cohort);
    }

    private static Uni<List<Loop>> loops(SqlConnection connection, String where, String parameter) {
        return connection
                .preparedQuery(SELECT + where)
                .execute(Tuple.of(parameter))
                .map(Loop::read);
    }

    private static List<Loop> read(RowSet<Row> rows) {
        List<Loop> loops = new ArrayList<>();
        rows.forEach(row -> loops.add(new Loop(
                new LoopKey(row.getString("tenant"), row.getString("cohort"), row.getString("model_digest")),
                row.getLong("fencing"),
                row.getString("foundation_digest"),
                Optional.ofNullable(row.getString("live_version")),
                Optional.ofNullable(row.getString("checkpoint")),
                Optional.ofNullable(row.getString("candidate_version")),
                Optional.ofNullable(row.getString("candidate_checkpoint")))));
        return loops;
    }

    /** The candidate is live. The loop that learns sees it by itself. */
    Uni<Void> goLive(SqlConnection connection) {
        return update(
                connection,
                "live_version = candidate_version, checkpoint = candidate_checkpoint, candidate_version = null,"
                        + " candidate_checkpoint = null");
    }

    /** There is no candidate any more. Takes the lease: the loop is opened anew, at what stands here. */
    Uni<Void> dropCandidate(SqlConnection connection) {
        return update(connection, "candidate_version = null, candidate_checkpoint = null, " + WITHOUT_LEASE);
    }

    /** Goes back to a version that may have no checkpoint any more. Takes the lease, too. */
    Uni<Void> goBackTo(SqlConnection connection, String version) {
        String kept = liveVersion.equals(Optional.of(version)) ? "" : "checkpoint = null, ";
        return connection
                .preparedQuery("update adaptation_loop set live_version = $3, candidate_version = null,"
                        + " candidate_checkpoint = null, " + kept + WITHOUT_LEASE
                        + " where cohort = $1 and model_digest = $2")
                .execute(Tuple.of(key.cohort(), key.modelDigest(), version))
                .replaceWithVoid();
    }

    private static final String WITHOUT_LEASE =
            "fencing = fencing + 1, holder = null, expires_at = '-infinity', status = 'IDLE'";

    private Uni<Void> update(SqlConnection connection, String change) {
        return connection
                .preparedQuery("update adaptation_loop set " + change + " where cohort = $1 and model_digest = $2")
                .execute(Tuple.of(key.cohort(), key.modelDigest()))
                .replaceWithVoid();
    }
}
