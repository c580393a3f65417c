package io.cema.cloud.rollout.model;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.fleet.CohortModels;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ModelPair;
import io.cema.cloud.model.ModelPairs;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What operators do with rollouts. Every change is one transaction that holds the rollout's row. */
@ApplicationScoped
class Rollouts {
    private static final Set<RolloutState> STOPPABLE = Set.of(RolloutState.RUNNING, RolloutState.PAUSED);

    private final TenantDatabase database;
    private final RolloutRepository repository;
    private final RolloutDevices devices;
    private final DeviceStates states;
    private final RolloutTransitions transitions;
    private final CohortModels cohorts;
    private final ModelPairs pairs;
    private final ModelRegistry models;
    private final RolloutJournal journal;

    Rollouts(
            TenantDatabase database,
            RolloutRepository repository,
            RolloutDevices devices,
            DeviceStates states,
            RolloutTransitions transitions,
            CohortModels cohorts,
            ModelPairs pairs,
            ModelRegistry models,
            RolloutJournal journal) {
        this.database = database;
        this.repository = repository;
        this.devices = devices;
        this.states = states;
        this.transitions = transitions;
        this.cohorts = cohorts;
        this.pairs = pairs;
        this.models = models;
        this.journal = journal;
    }

    /** Fails with 404 or 422. */
    Uni<Rollout> create(String tenant, NewRollout wanted) {
        String id = UlidCreator.getUlid().toString();
        return database.inTransaction(tenant, connection -> cohorts.lock(connection, wanted.cohort())
                .call(present -> requireOther(connection, present, wanted.pair()))
                .chain(present -> repository.insert(connection, id, wanted, present))
                .chain(() -> view(connection, id))
                .call(rollout -> journal.told(connection, rollout, "created", "created")));
    }

    /** Fails with 404. */
    Uni<Rollout> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> view(connection, id));
    }

    Uni<List<Rollout>> list(
            String tenant, Optional<String> cohort, Optional<RolloutState> state, int limit, int offset) {
        return database.inTransaction(tenant, connection -> repository.list(connection, cohort, state, limit, offset));
    }

    /** Fails with 404. */
    Uni<List<RolloutDevice>> devices(String tenant, String id, int limit, int offset) {
        return database.inTransaction(tenant, connection -> repository
                .find(connection, id)
                .chain(held -> states.list(connection, id, held.edge(), limit, offset)));
    }

    /** Every device gets its place, and the first wave is told. Fails with 404, 409, 412 or 422. */
    Uni<Rollout> start(String tenant, String id, Optional<String> ifMatch) {
        return change(tenant, id, ifMatch, Set.of(RolloutState.DRAFT), "started", (connection, rollout) -> cohorts.lock(
                        connection, rollout.cohort())
                .invoke(present -> {
                    if (!present.equals(rollout.formerPair())) {
                        throw ProblemException.conflict("rollout " + id + " was made for cohort " + rollout.cohort()
                                + " with pair " + rollout.formerPair() + ", which has " + present
                                + " now; create it anew");
                    }
                })
                .chain(() -> repository.running(connection, rollout.cohort()))
                .invoke(running -> running.ifPresent(other -> {
                    throw ProblemException.conflict("cohort " + rollout.cohort() + " has the running rollout " + other
                            + "; cancel it or wait for its end");
                }))
                .chain(() -> pairs.find(connection, rollout.pair()))
                .chain(pair -> cohorts.adapt(connection, rollout.cohort(), pair))
                .chain(() -> devices.placeless(connection, rollout))
                .chain(found -> devices.place(connection, rollout, Candidate.ranked(id, found)))
                .chain(() -> transitions.begin(connection, rollout)));
    }

    /** Waves freeze; devices stay where they are. Fails with 404, 409 or 412. */
    Uni<Rollout> pause(String tenant, String id, Optional<String> ifMatch) {
        return change(tenant, id, ifMatch, Set.of(RolloutState.RUNNING), "paused", (connection, rollout) -> repository
                .move(connection, id, RolloutState.PAUSED, "paused by an operator", ", paused_at = now()")
                .chain(() -> journal.told(connection, rollout, "paused", "paused by an operator")));
    }

    /** The time limit goes on where it stood. Fails with 404, 409 or 412. */
    Uni<Rollout> resume(String tenant, String id, Optional<String> ifMatch) {
        return change(tenant, id, ifMatch, Set.of(RolloutState.PAUSED), "resumed", (connection, rollout) -> repository
                .move(
                        connection,
                        id,
                        RolloutState.RUNNING,
                        "resumed by an operator",
                        ", wave_deadline = wave_deadline + (now() - paused_at), paused_at = null")
                .chain(() -> journal.told(connection, rollout, "resumed", "resumed by an operator")));
    }

    /** Fails with 404, 409 or 412. */
    Uni<Rollout> cancel(String tenant, String id, Optional<String> ifMatch) {
        String why = "cancelled by an operator";
        Set<RolloutState> from = Set.of(RolloutState.DRAFT, RolloutState.RUNNING, RolloutState.PAUSED);
        return change(
                tenant,
                id,
                ifMatch,
                from,
                "cancelled",
                (connection, rollout) -> STOPPABLE.contains(rollout.state())
                        ? transitions
                                .rollBack(connection, rollout, RolloutState.CANCELLED, why)
                                .chain(() -> journal.told(connection, rollout, "rolling-back", why))
                        : repository
                                .move(connection, id, RolloutState.CANCELLED, why, ", ended_at = now()")
                                .chain(() -> journal.told(connection, rollout, "cancelled", why)));
    }

    private interface Change {
        Uni<Void> make(SqlConnection connection, Rollout rollout);
    }

    private Uni<Rollout> change(
            String tenant, String id, Optional<String> ifMatch, Set<RolloutState> from, String what, Change change) {
        return database.inTransaction(tenant, connection -> repository
                .lock(connection, id)
                .map(RolloutRepository.Held::rollout)
                .invoke(rollout -> EntityTags.requireMatch(ifMatch, rollout.version()))
                .invoke(rollout -> {
                    if (!from.contains(rollout.state())) {
                        throw ProblemException.conflict("rollout " + id + " is " + rollout.state()
                                + "; only one that is " + from + " can be " + what);
                    }
                })
                .chain(rollout -> change.make(connection, rollout))
                .chain(() -> view(connection, id)));
    }

    private Uni<Rollout> view(SqlConnection connection, String id) {
        return repository.find(connection, id).chain(held -> states.progress(connection, held.rollout())
                .map(held.rollout()::with));
    }

    /** Another edge model with the same classes: else there would be nothing to move, or nothing to compare. */
    private Uni<Void> requireOther(SqlConnection connection, String present, String wanted) {
        return pairs.find(connection, present).chain(from -> pairs.find(connection, wanted)
                .invoke(to -> requireOtherEdge(from, to))
                .chain(to -> models.find(connection, from.edge())
                        .chain(former -> models.find(connection, to.edge())
                                .invoke(next -> requireSameClasses(former.manifest(), next.manifest())))
                        .replaceWithVoid()));
    }

    private static void requireOtherEdge(ModelPair from, ModelPair to) {
        if (from.edge().equals(to.edge())) {
            throw ProblemException.unprocessable(
                    "same-model",
                    "The pair changes nothing on the devices",
                    "pair " + to.id() + " has the edge model that the cohort's pair " + from.id() + " has: "
                            + from.edge());
        }
    }

    private static void requireSameClasses(ModelManifest former, ModelManifest next) {
        if (former.classes() != next.classes() || !former.labels().equals(next.labels())) {
            throw ProblemException.unprocessable(
                    "classes-differ",
                    "The models' classes differ",
                    "edge model " + next.name() + " and the present one, " + former.name()
                            + ", differ in their classes, so their answers cannot be compared; make a cohort for it");
        }
    }
}
