package io.cema.cloud.rollout.health;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** Judges a trial on what the database knows of its devices. Any thread. */
@ApplicationScoped
public class HealthJudge {
    private final EvidenceQueries queries;

    HealthJudge(EvidenceQueries queries) {
        this.queries = queries;
    }

    /**
     * Looks at the evidence of now, in the caller's transaction. Keeps the first telemetry of each device that runs the
     * subject, as what later telemetry is counted from; so call it often.
     */
    public Uni<HealthVerdict> judge(SqlConnection connection, Trial trial, HealthSettings settings) {
        return queries.keepBaselines(connection, trial)
                .chain(() -> queries.gather(connection, trial))
                .map(evidence -> HealthVerdict.of(evidence, settings));
    }

    /** Forgets what was kept for a trial that has ended. */
    public Uni<Void> end(SqlConnection connection, String trial) {
        return connection
                .preparedQuery("delete from health_baseline where trial = $1")
                .execute(Tuple.of(trial))
                .replaceWithVoid();
    }
}
