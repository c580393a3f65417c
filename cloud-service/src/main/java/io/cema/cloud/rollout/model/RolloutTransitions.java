package io.cema.cloud.rollout.model;

import io.cema.cloud.fleet.CohortModels;
import io.cema.cloud.rollout.model.RolloutRepository.Held;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * The changes a rollout makes to the fleet. Each is one transaction of the caller, who holds the rollout's row; the cohort's
 * row is locked next and the devices after it, the order everybody keeps. The desired states go out with the commit.
 */
@ApplicationScoped
class RolloutTransitions {
    private final RolloutRepository repository;
    private final RolloutDevices devices;
    private final CohortModels cohorts;
    private final RolloutHealth health;
    private final RolloutJournal journal;

    RolloutTransitions(
            RolloutRepository repository,
            RolloutDevices devices,
            CohortModels cohorts,
            RolloutHealth health,
            RolloutJournal journal) {
        this.repository = repository;
        this.devices = devices;
        this.cohorts = cohorts;
        this.health = health;
        this.journal = journal;
    }

    /** The first wave; every device of the cohort has its place already. */
    Uni<Void> begin(SqlConnection connection, Rollout rollout) {
        return beginWave(connection, rollout, 0, "started", ", started_at = now()")
                .chain(() -> journal.told(connection, rollout, "started", "started"));
    }

    /** The next wave, or the end if there is none. */
    Uni<Void> advance(SqlConnection connection, Held held, String why) {
        Rollout rollout = held.rollout();
        return health.end(connection, rollout)
                .chain(() -> rollout.lastWave()
                        ? succeed(connection, rollout, why)
                        : beginWave(connection, rollout, rollout.wave() + 1, why, "")
                                .chain(() -> journal.decided(connection, rollout, "advanced", why)));
    }

    private Uni<Void> beginWave(SqlConnection connection, Rollout rollout, int wave, String why, String more) {
        String changes = ", wave = $4, wave_started_at = now(), wave_deadline = now() + $5 * interval '1 second',"
                + " finding = ''" + more;
        double seconds = rollout.waves().get(wave).timeLimitSeconds();
        return cohorts.lock(connection, rollout.cohort())
                .chain(() ->
                        repository.move(connection, rollout.id(), RolloutState.RUNNING, why, changes, wave, seconds))
                .chain(() -> devices.activate(connection, rollout, wave))
                .chain(ids -> cohorts.publish(connection, ids));
    }

    /** The pair becomes the cohort's own, and every device is told without the rollout. */
    private Uni<Void> succeed(SqlConnection connection, Rollout rollout, String why) {
        return cohorts.lock(connection, rollout.cohort())
                .chain(() -> cohorts.change(connection, rollout.cohort(), rollout.pair()))
                .chain(() -> devices.deactivate(connection, rollout))
                .chain(() -> devices.ofCohort(connection, rollout))
                .chain(ids -> cohorts.publish(connection, ids))
                .chain(() -> repository.move(
                        connection, rollout.id(), RolloutState.SUCCEEDED, why, ", ended_at = now(), finding = ''"))
                .chain(() -> journal.decided(connection, rollout, "succeeded", why));
    }

    /**
     * Sends every device back that the rollout has touched.
     *
     * @param ending the state once they are back
     */
    Uni<Void> rollBack(SqlConnection connection, Rollout rollout, RolloutState ending, String why) {
        return release(connection, rollout)
                .chain(() -> repository.move(
                        connection,
                        rollout.id(),
                        RolloutState.ROLLING_BACK,
                        why,
                        ", ending = $4, wave_deadline = null, paused_at = null, finding = ''",
                        ending.name()));
    }

    /** Ends a rollout that cannot be judged; its devices are told to return, and nobody waits for them. */
    Uni<Void> fail(SqlConnection connection, Rollout rollout, String why) {
        return release(connection, rollout)
                .chain(() -> repository.move(
                        connection,
                        rollout.id(),
                        RolloutState.FAILED,
                        why,
                        ", wave_deadline = null, ended_at = now(), finding = ''"))
                .chain(() -> journal.decided(connection, rollout, "failed", why));
    }

    private Uni<Void> release(SqlConnection connection, Rollout rollout) {
        return health.end(connection, rollout)
                .chain(() -> cohorts.lock(connection, rollout.cohort()))
                .chain(() -> devices.deactivate(connection, rollout))
                .chain(ids -> cohorts.publish(connection, ids));
    }

    /** Devices that came, or came back, while it runs: told as if they had been there. */
    Uni<Void> takeIn(SqlConnection connection, Rollout rollout) {
        return devices.placeless(connection, rollout)
                .chain(found -> devices.place(
                        connection,
                        rollout,
                        found.stream().map(f -> Candidate.late(rollout.id(), f)).toList()))
                .chain(() -> devices.activate(connection, rollout, rollout.wave()))
                .chain(ids -> cohorts.publish(connection, ids));
    }

    /** Once no device is left on the model, the rollback is done. */
    Uni<Void> watchRollback(SqlConnection connection, Held held) {
        Rollout rollout = held.rollout();
        return devices.left(connection, rollout, held.edge())
                .chain(left -> left > 0
                        ? repository.note(
                                connection,
                                rollout.id(),
                                left == 1
                                        ? "a device still has the model, or may have it"
                                        : left + " devices still have the model, or may have it")
                        : repository
                                .end(connection, rollout.id())
                                .chain(state -> journal.decided(
                                        connection,
                                        rollout,
                                        state == RolloutState.CANCELLED ? "cancelled" : "rolled-back",
                                        rollout.reason())));
    }
}
