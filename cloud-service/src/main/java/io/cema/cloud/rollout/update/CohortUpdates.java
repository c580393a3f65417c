package io.cema.cloud.rollout.update;

import io.cema.cloud.adaptation.CanaryPhase;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.cloud.rollout.update.UpdateDecisions.Ground;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an operator wants of a cohort's updates. Each is one transaction that holds the cohort's loops, ends a judgement
 * that is under way and takes the loops' leases: they are opened anew at what stands there.
 */
@ApplicationScoped
class CohortUpdates {
    private final TenantDatabase database;
    private final UpdatePublisher publisher;
    private final UpdateDecisions decisions;
    private final LiveEvents events;
    private final ArtefactStore artefacts;

    CohortUpdates(
            TenantDatabase database,
            UpdatePublisher publisher,
            UpdateDecisions decisions,
            LiveEvents events,
            ArtefactStore artefacts) {
        this.database = database;
        this.publisher = publisher;
        this.decisions = decisions;
        this.events = events;
        this.artefacts = artefacts;
    }

    /** Fails with 404. */
    Uni<UpdateHold> hold(String tenant, String cohort) {
        return database.inTransaction(tenant, c -> loops(c, cohort).chain(() -> UpdateHold.of(c, cohort)));
    }

    /** All devices go to the version and stay. Fails with 404, 412, 422. */
    Uni<UpdateHold> pin(String tenant, String cohort, String version, Optional<String> ifMatch, String who) {
        return change(tenant, cohort, ifMatch, (c, loops, hold) -> version(c, cohort, version, loops)
                .chain(loop -> hold.withPin(Optional.of(version))
                        .store(c)
                        .call(() -> goBack(c, loop, version, new Ground(who, "pinned to " + version, Optional.empty())))
                        .call(() -> event(c, cohort, "pinned", version))
                        .map(stored -> new Change<>(stored, unneeded(loop, version)))));
    }

    /** The devices stay on what they have until something is published. */
    Uni<UpdateHold> unpin(String tenant, String cohort, Optional<String> ifMatch) {
        return change(tenant, cohort, ifMatch, (c, loops, hold) -> hold.withPin(Optional.empty())
                .store(c)
                .call(() -> CohortDevices.of(c, cohort).chain(devices -> publisher.tell(c, devices.all())))
                .call(() -> event(c, cohort, "unpinned", ""))
                .map(stored -> new Change<>(stored, List.of())));
    }

    /** Nothing is published any more; a candidate is revoked. */
    Uni<UpdateHold> freeze(String tenant, String cohort, Optional<String> ifMatch, String who) {
        Ground ground = new Ground(who, "frozen", Optional.empty());
        return change(tenant, cohort, ifMatch, (c, loops, hold) -> hold.withFrozen(true)
                .store(c)
                .call(() -> event(c, cohort, "frozen", ""))
                .chain(stored -> each(loops, loop -> stop(c, loop, ground)).map(gone -> new Change<>(stored, gone))));
    }

    Uni<UpdateHold> unfreeze(String tenant, String cohort, Optional<String> ifMatch) {
        return change(tenant, cohort, ifMatch, (c, loops, hold) -> hold.withFrozen(false)
                .store(c)
                .call(() -> event(c, cohort, "unfrozen", ""))
                .map(stored -> new Change<>(stored, List.of())));
    }

    /** All devices go to a version published before; the loop learns on from it. Fails with 404, 409, 422. */
    Uni<UpdateHold> rollBack(String tenant, String cohort, String version, String who) {
        return change(tenant, cohort, Optional.empty(), (c, loops, hold) -> {
            requireNoPin(hold);
            return version(c, cohort, version, loops).chain(loop -> goBack(
                            c, loop, version, new Ground(who, "rolled back to " + version, Optional.empty()))
                    .call(() -> event(c, cohort, "rolled-back", version))
                    .replaceWith(new Change<>(hold, unneeded(loop, version))));
        });
    }

    /** All devices go to their registered model; the loop begins anew. Fails with 404, 409. */
    Uni<UpdateHold> toBase(String tenant, String cohort, String who) {
        return change(tenant, cohort, Optional.empty(), (c, loops, hold) -> {
            requireNoPin(hold);
            return toBase(c, loops, who)
                    .call(() -> event(c, cohort, "rolled-back", "base"))
                    .map(gone -> new Change<>(hold, gone));
        });
    }

    /** All cohorts of the tenant, frozen and without a pin, in one transaction. Returns their ids. */
    Uni<List<String>> fleetToBase(String tenant, String who) {
        return database.inTransaction(tenant, c -> c.preparedQuery("select id from cohort order by id")
                        .execute()
                        .map(rows -> {
                            List<String> ids = new ArrayList<>();
                            rows.forEach(row -> ids.add(row.getString(0)));
                            return ids;
                        })
                        .chain(ids -> each(ids, cohort -> loops(c, cohort)
                                        .call(() -> new UpdateHold(cohort, true, Optional.empty(), Optional.empty(), 0)
                                                .store(c))
                                        .call(() -> event(c, cohort, "frozen-on-base", ""))
                                        .chain(loops -> toBase(c, loops, who)))
                                .map(gone -> new Change<>(ids, gone))))
                .call(change -> delete(change.unneeded()))
                .map(Change::result);
    }

    /**
     * What stands in the database goes down once more, as new revisions; a judgement under way is ended. In the caller's
     * transaction. Returns checkpoints to be deleted after the commit.
     */
    Uni<List<String>> tellAnew(SqlConnection connection, String cohort) {
        Ground ground = new Ground("service", "restored from a backup", Optional.empty());
        return Loop.ofCohort(connection, cohort)
                .chain(loops -> each(loops, loop -> (loop.liveVersion().isPresent()
                                ? Uni.createFrom().item(loop.liveVersion().get())
                                : BaseVersions.of(connection, loop))
                        .call(version -> goBack(connection, loop, version, ground))
                        .map(version -> unneeded(loop, version))));
    }

    // ---- the parts

    private record Change<T>(T result, List<String> unneeded) {}

    private interface Work {
        Uni<Change<UpdateHold>> with(SqlConnection connection, List<Loop> loops, UpdateHold hold);
    }

    private Uni<UpdateHold> change(String tenant, String cohort, Optional<String> ifMatch, Work work) {
        return database.inTransaction(tenant, c -> loops(c, cohort).chain(loops -> UpdateHold.of(c, cohort)
                        .invoke(hold -> EntityTags.requireMatch(ifMatch, hold.rowVersion()))
                        .chain(hold -> work.with(c, loops, hold))))
                .call(change -> delete(change.unneeded()))
                .map(Change::result);
    }

    private Uni<List<String>> toBase(SqlConnection connection, List<Loop> loops, String who) {
        Ground ground = new Ground(who, "back on the registered model", Optional.empty());
        return each(loops, loop -> BaseVersions.of(connection, loop)
                .call(version -> goBack(connection, loop, version, ground))
                .map(version -> unneeded(loop, version)));
    }

    /** Published on every channel in use; each device must leave what it runs. */
    private Uni<Void> goBack(SqlConnection connection, Loop loop, String version, Ground ground) {
        return CohortDevices.of(connection, loop.key().cohort())
                .chain(devices -> publisher
                        .publish(connection, loop.key(), version, CanaryPhase.STABLE, devices.others())
                        .chain(() -> devices.canaries().isEmpty()
                                        && loop.candidate().isEmpty()
                                ? Uni.createFrom().voidItem()
                                : publisher.publish(
                                        connection, loop.key(), version, CanaryPhase.CANARY, devices.canaries())))
                .chain(() -> decisions.end(connection, loop, "SUPERSEDED", ground))
                .chain(() -> loop.goBackTo(connection, version));
    }

    private Uni<List<String>> stop(SqlConnection connection, Loop loop, Ground ground) {
        return loop.candidate().isPresent()
                ? decisions.revoke(connection, loop, "SUPERSEDED", ground).map(gone -> gone.stream()
                        .toList())
                : loop.dropCandidate(connection).replaceWith(List.of());
    }

    /** Checkpoints that no row names once the loop went back. */
    private static List<String> unneeded(Loop loop, String version) {
        Optional<String> kept = loop.liveVersion().equals(Optional.of(version)) ? loop.checkpoint() : Optional.empty();
        return java.util.stream.Stream.of(loop.checkpoint(), loop.candidateCheckpoint())
                .flatMap(Optional::stream)
                .distinct()
                .filter(checkpoint -> !kept.equals(Optional.of(checkpoint)))
                .toList();
    }

    /** The loop whose published version this is. */
    private static Uni<Loop> version(SqlConnection connection, String cohort, String version, List<Loop> loops) {
        return connection
                .preparedQuery("select v.model_digest, exists (select 1 from publication p where p.version = v.version)"
                        + " as published from affine_version v where v.version = $1 and v.cohort = $2")
                .execute(Tuple.of(version, cohort))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("cohort " + cohort + " has no update " + version
                                + "; see GET /api/v1/updates?cohort=" + cohort);
                    }
                    var row = rows.iterator().next();
                    if (!row.getBoolean("published")) {
                        throw ProblemException.unprocessable(
                                "never-published",
                                "The update was never published",
                                "update " + version + " was refused by the gate and never published: name another one");
                    }
                    return loops.stream()
                            .filter(loop -> loop.key().modelDigest().equals(row.getString("model_digest")))
                            .findFirst()
                            .orElseThrow(() -> ProblemException.notFound("cohort " + cohort
                                    + " does not adapt the model of update " + version + " any more"));
                });
    }

    private static void requireNoPin(UpdateHold hold) {
        hold.pinnedVersion().ifPresent(pinned -> {
            throw ProblemException.conflict("cohort " + hold.cohort() + " is pinned to " + pinned
                    + ", its devices take nothing else; DELETE /api/v1/cohorts/" + hold.cohort() + "/pin first");
        });
    }

    private static Uni<List<Loop>> loops(SqlConnection connection, String cohort) {
        return Loop.ofCohort(connection, cohort).invoke(loops -> {
            if (loops.isEmpty()) {
                throw ProblemException.notFound("there is no cohort " + cohort);
            }
        });
    }

    private Uni<Void> event(SqlConnection connection, String cohort, String what, String version) {
        return events.append(
                connection, "updates." + what, "cohorts/" + cohort, new JsonObject().put("version", version));
    }

    Uni<Void> delete(List<String> checkpoints) {
        return OneByOne.each(checkpoints, artefacts::delete);
    }

    /** One after the other; the answers in one list. */
    private static <T> Uni<List<String>> each(List<T> items, Function<T, Uni<List<String>>> work) {
        return Multi.createFrom()
                .iterable(items)
                .onItem()
                .transformToUniAndConcatenate(work::apply)
                .collect()
                .asList()
                .map(lists -> lists.stream().flatMap(List::stream).toList());
    }
}
