package io.cema.cloud.fleet;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ModelPair;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;

/** Which models a cohort's devices run, for those who change that. Every method works in the caller's transaction. */
@ApplicationScoped
public class CohortModels {
    private final DesiredStates desired;

    CohortModels(DesiredStates desired) {
        this.desired = desired;
    }

    /**
     * Keeps every other change of the cohort waiting until the transaction ends.
     *
     * @return the id of its present pair; fails with 404
     */
    public Uni<String> lock(SqlConnection connection, String cohort) {
        return CohortRows.lock(connection, cohort)
                .chain(() -> connection
                        .preparedQuery("select pair from cohort where id = $1")
                        .execute(Tuple.of(cohort)))
                .map(rows -> rows.iterator().next().getString(0));
    }

    /** Adapts the pair's edge model for this cohort too; fails with 409 if another foundation model teaches it already. */
    public Uni<Void> adapt(SqlConnection connection, String cohort, ModelPair pair) {
        return connection
                .preparedQuery("insert into adaptation_loop as l (tenant, cohort, model_digest, foundation_digest)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict (tenant, cohort, model_digest)"
                        + " do update set foundation_digest = l.foundation_digest returning foundation_digest")
                .execute(Tuple.of(cohort, pair.edge(), pair.foundation()))
                .invoke(rows -> {
                    String teacher = rows.iterator().next().getString(0);
                    if (!teacher.equals(pair.foundation())) {
                        throw ProblemException.conflict("cohort " + cohort + " has learnt edge model " + pair.edge()
                                + " from foundation model " + teacher + ", pair " + pair.id() + " names "
                                + pair.foundation() + "; name a pair with the former one");
                    }
                })
                .replaceWithVoid();
    }

    /** The cohort's own pair from now on; its devices are told by {@link #publish}. */
    public Uni<Void> change(SqlConnection connection, String cohort, String pair) {
        return connection
                .preparedQuery("update cohort set pair = $2, version = version + 1 where id = $1")
                .execute(Tuple.of(cohort, pair))
                .replaceWithVoid();
    }

    /** Sends every one of these devices its desired state. */
    public Uni<Void> publish(SqlConnection connection, Collection<String> devices) {
        return desired.publish(connection, devices);
    }
}
