package io.cema.cloud.adaptation;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** What begins when a version goes to the canaries; the rollout of updates implements it. Any thread. */
public interface CanaryPhase {
    String STABLE = "stable";
    String CANARY = "canary";

    /**
     * Chooses the cohort's canaries and puts the version under judgement, in the transaction of its publication: the loop's
     * row is locked, version and publication on channel {@value #CANARY} are written, the message is not enqueued yet.
     */
    Uni<Void> begin(SqlConnection connection, LoopKey key, String version);

    /** The version goes to all at once: nobody is a canary any more, as the channel's content is out of date from now on. */
    Uni<Void> none(SqlConnection connection, LoopKey key);
}
