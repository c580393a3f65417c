package io.cema.cloud.rollout.model;

import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.cloud.rollout.model.RolloutRepository.Held;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Looks at every open rollout and does what is due. It keeps nothing in memory: each look at a rollout is one transaction
 * that holds its row, so any replica may do it at any time, twice changes nothing, and a process that ends in the middle
 * leaves either the state before or the one after.
 */
@ApplicationScoped
class RolloutEngine {
    private static final Logger LOG = Logger.getLogger(RolloutEngine.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final TenantDatabase database;
    private final RolloutRepository repository;
    private final DeviceStates states;
    private final RolloutHealth health;
    private final RolloutTransitions transitions;
    private final RolloutJournal journal;
    private final RolloutSettings settings;
    private final String tenant;
    private final ScheduledExecutorService clock = DaemonThreads.timer("model-rollouts");

    RolloutEngine(
            TenantDatabase database,
            RolloutRepository repository,
            DeviceStates states,
            RolloutHealth health,
            RolloutTransitions transitions,
            RolloutJournal journal,
            RolloutSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.repository = repository;
        this.states = states;
        this.health = health;
        this.transitions = transitions;
        this.journal = journal;
        this.settings = settings;
        this.tenant = tenant;
    }

    void onSchemaReady(@Observes SchemaReady ready) {
        if (settings.enabled()) {
            long period = settings.tick().toMillis();
            clock.scheduleWithFixedDelay(this::patrol, period, period, TimeUnit.MILLISECONDS);
        }
    }

    void onShutdown(@Observes ShutdownEvent event) {
        clock.shutdownNow();
    }

    private void patrol() {
        try {
            tick().await().atMost(PATIENCE);
        } catch (RuntimeException e) {
            LOG.warnf("rollouts not looked after, tried again soon: %s", e.getMessage());
        }
    }

    /** One look at every open rollout, one after the other; what fails with one does not hold up the others. */
    Uni<Void> tick() {
        return database.inTransaction(tenant, repository::open)
                .chain(ids -> OneByOne.each(
                        ids, id -> look(id).onFailure().recoverWithUni(failure -> stopIfOverdue(id, failure))));
    }

    private Uni<Void> look(String id) {
        return database.inTransaction(
                tenant,
                connection -> repository.tryLock(connection, id).chain(found -> found.map(held -> act(connection, held))
                        .orElseGet(() -> Uni.createFrom().voidItem())));
    }

    /** A rollout that cannot be judged is undecided, and what is undecided ends with its time limit. */
    private Uni<Void> stopIfOverdue(String id, Throwable failure) {
        LOG.errorf(failure, "rollout %s could not be looked at", id);
        return database.inTransaction(tenant, connection -> repository
                        .tryLock(connection, id)
                        .map(found ->
                                found.filter(h -> h.overdue() && h.rollout().state() == RolloutState.RUNNING))
                        .chain(found -> found.map(held -> stop(
                                        connection,
                                        held,
                                        "undecided at its time limit, since it cannot be judged: "
                                                + failure.getMessage()))
                                .orElseGet(() -> Uni.createFrom().voidItem())))
                .onFailure()
                .recoverWithUni(again -> {
                    LOG.warnf("rollout %s could not be stopped, tried again soon: %s", id, again.getMessage());
                    return Uni.createFrom().voidItem();
                });
    }

    private Uni<Void> act(SqlConnection connection, Held held) {
        Rollout rollout = held.rollout();
        if (rollout.state() == RolloutState.ROLLING_BACK) {
            return transitions.watchRollback(connection, held);
        }
        Optional<String> fault = fault(held);
        if (fault.isPresent()) {
            return transitions.fail(connection, rollout, fault.get());
        }
        Uni<Void> seen = states.refresh(connection, rollout, held.edge());
        return rollout.state() == RolloutState.PAUSED
                ? seen
                : transitions
                        .takeIn(connection, rollout)
                        .chain(() -> seen)
                        .chain(() -> evidence(connection, held))
                        .chain(evidence -> decide(connection, held, evidence));
    }

    /** Why there is nothing left to judge by. */
    private static Optional<String> fault(Held held) {
        Rollout rollout = held.rollout();
        if (rollout.wave() < 0 || rollout.wave() >= rollout.waves().size()) {
            return Optional.of("its stored waves cannot be read, so nothing can be judged");
        }
        return held.presentPair().equals(rollout.formerPair())
                ? Optional.empty()
                : Optional.of("the pair of cohort " + rollout.cohort() + " was changed from " + rollout.formerPair()
                        + " to " + held.presentPair() + " while it ran");
    }

    private Uni<WaveEvidence> evidence(SqlConnection connection, Held held) {
        return states.counts(connection, held.rollout()).chain(counts -> health.judge(connection, held)
                .map(judged -> new WaveEvidence(counts.devices(), counts.applied(), counts.failed(), judged)));
    }

    private Uni<Void> decide(SqlConnection connection, Held held, WaveEvidence evidence) {
        Rollout rollout = held.rollout();
        Decision decision = Decision.of(rollout.waves().get(rollout.wave()), evidence, held.overdue());
        if (decision instanceof Decision.Advance) {
            LOG.infof("rollout %s goes on: %s", rollout.id(), decision.why());
            return transitions.advance(connection, held, decision.why());
        }
        return decision instanceof Decision.Stop
                ? stop(connection, held, decision.why())
                : repository.note(connection, rollout.id(), decision.why());
    }

    private Uni<Void> stop(SqlConnection connection, Held held, String why) {
        LOG.warnf("rollout %s is rolled back: %s", held.rollout().id(), why);
        return transitions
                .rollBack(connection, held.rollout(), RolloutState.ROLLED_BACK, why)
                .chain(() -> journal.decided(connection, held.rollout(), "rolling-back", why));
    }
}
