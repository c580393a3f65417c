package io.cema.cloud.rollout.update;

import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.cloud.rollout.update.UpdateDecisions.Ground;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shows the candidates, and lets people decide instead of the judge. */
@ApplicationScoped
class UpdateRollouts {
    private final TenantDatabase database;
    private final UpdateDecisions decisions;
    private final ArtefactStore artefacts;

    UpdateRollouts(TenantDatabase database, UpdateDecisions decisions, ArtefactStore artefacts) {
        this.database = database;
        this.decisions = decisions;
        this.artefacts = artefacts;
    }

    /** Newest first, without evidence. */
    Uni<List<UpdateRolloutView>> list(
            String tenant, Optional<String> cohort, Optional<String> state, int limit, int offset) {
        return database.inTransaction(tenant, c -> c.preparedQuery("select * from update_rollout"
                        + " where ($1::text is null or cohort = $1) and ($2::text is null or state = $2)"
                        + " order by started_at desc, version desc limit $3 offset $4")
                .execute(Tuple.of(cohort.orElse(null), state.orElse(null), limit, offset))
                .map(rows -> {
                    List<UpdateRolloutView> views = new ArrayList<>();
                    rows.forEach(row -> views.add(UpdateRolloutView.of(row, false)));
                    return views;
                }));
    }

    /** Fails with 404. */
    Uni<UpdateRolloutView> find(String tenant, String version) {
        return database.inTransaction(tenant, c -> find(c, version));
    }

    /** Fails with 404, with 409 if it is decided already, with 412. */
    Uni<UpdateRolloutView> promote(String tenant, String version, Optional<String> ifMatch, String who) {
        return decide(tenant, version, ifMatch, (c, loop) -> decisions.promote(c, loop, byHand(who, "promoted")));
    }

    /** Fails with 404, with 409 if it is decided already, with 412. */
    Uni<UpdateRolloutView> revoke(String tenant, String version, Optional<String> ifMatch, String who) {
        return decide(
                tenant, version, ifMatch, (c, loop) -> decisions.revoke(c, loop, "REVOKED", byHand(who, "revoked")));
    }

    private interface Decision {
        Uni<Optional<String>> of(SqlConnection connection, Loop loop);
    }

    private record Decided(UpdateRolloutView view, Optional<String> unneeded) {}

    private Uni<UpdateRolloutView> decide(String tenant, String version, Optional<String> ifMatch, Decision decision) {
        return database.inTransaction(
                        tenant, c -> Loop.ofCandidate(c, version, true).chain(loop -> find(c, version)
                                .invoke(view -> EntityTags.requireMatch(ifMatch, view.rowVersion()))
                                .invoke(view -> requireOpen(view, loop))
                                .chain(() -> decision.of(c, loop.get()))
                                .chain(gone -> find(c, version).map(view -> new Decided(view, gone)))))
                .call(decided -> decided.unneeded().isPresent()
                        ? artefacts.delete(decided.unneeded().get())
                        : Uni.createFrom().voidItem())
                .map(Decided::view);
    }

    private static void requireOpen(UpdateRolloutView view, Optional<Loop> loop) {
        if (view.state() != UpdateRolloutView.State.CANARY || loop.isEmpty()) {
            throw ProblemException.conflict("update " + view.version() + " is " + view.state()
                    + " already; to go back to another version POST /api/v1/cohorts/" + view.cohort() + "/rollback");
        }
    }

    private static Ground byHand(String who, String what) {
        return new Ground(who, what + " by " + who, Optional.empty());
    }

    private static Uni<UpdateRolloutView> find(SqlConnection connection, String version) {
        return connection
                .preparedQuery("select * from update_rollout where version = $1")
                .execute(Tuple.of(version))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound(
                                "update " + version + " was never under judgement; see GET /api/v1/update-rollouts");
                    }
                    return UpdateRolloutView.of(rows.iterator().next(), true);
                });
    }
}
