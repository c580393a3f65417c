package io.cema.cloud.rollout.update;

import io.cema.cloud.adaptation.CanarySettings;
import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.cloud.rollout.health.HealthJudge;
import io.cema.cloud.rollout.health.HealthVerdict;
import io.cema.cloud.rollout.health.Trial;
import io.cema.cloud.rollout.update.UpdateDecisions.Ground;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Looks at every candidate now and then and decides. Holds nothing in memory, so any replica may go on after another, and
 * two that look at once exclude each other by the loop's row. It needs no lease: a candidate whose loop cannot run is
 * judged, too, if only by the time limit.
 */
@ApplicationScoped
class UpdateJudge {
    private static final Logger LOG = Logger.getLogger(UpdateJudge.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TenantDatabase database;
    private final HealthJudge health;
    private final UpdateDecisions decisions;
    private final AuditLog audit;
    private final ArtefactStore artefacts;
    private final Duration interval;
    private final String tenant;
    private final ScheduledExecutorService clock = DaemonThreads.timer("update-judge");

    UpdateJudge(
            TenantDatabase database,
            HealthJudge health,
            UpdateDecisions decisions,
            AuditLog audit,
            ArtefactStore artefacts,
            RolloutSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.health = health;
        this.decisions = decisions;
        this.audit = audit;
        this.artefacts = artefacts;
        this.interval = settings.judgeInterval();
        this.tenant = tenant;
    }

    void onSchemaReady(@Observes SchemaReady ready) {
        clock.scheduleWithFixedDelay(this::judgeAll, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    void onShutdown(@Observes ShutdownEvent event) {
        clock.shutdownNow();
    }

    /** Blocks; one that fails hurts no other and is looked at again. */
    private void judgeAll() {
        try {
            for (String version : open().await().atMost(PATIENCE)) {
                judgeOne(version);
            }
        } catch (RuntimeException e) {
            LOG.warnf("candidates not looked at, tried again soon: %s", e.getMessage());
        }
    }

    private void judgeOne(String version) {
        try {
            judge(version)
                    .await()
                    .atMost(PATIENCE)
                    .ifPresent(old -> artefacts.delete(old).await().atMost(PATIENCE));
        } catch (RuntimeException e) {
            LOG.warnf("candidate %s not judged, tried again soon: %s", version, e.getMessage());
        }
    }

    private Uni<List<String>> open() {
        return database.inTransaction(tenant, c -> c.preparedQuery(
                        "select version from update_rollout where state = 'CANARY' order by started_at")
                .execute()
                .map(rows -> {
                    List<String> versions = new ArrayList<>();
                    rows.forEach(row -> versions.add(row.getString(0)));
                    return versions;
                }));
    }

    /** Looks at one candidate, in one transaction; returns the checkpoint that nobody needs any more. */
    Uni<Optional<String>> judge(String version) {
        return database.inTransaction(tenant, c -> Loop.ofCandidate(c, version, false)
                .chain(loop -> loop.isEmpty()
                        ? Uni.createFrom().item(Optional.<String>empty())
                        : CanaryStage.settings(c, loop.get().key().cohort())
                                .chain(settings -> judge(c, loop.get(), settings))));
    }

    private Uni<Optional<String>> judge(SqlConnection connection, Loop loop, Optional<CanarySettings> settings) {
        if (settings.isEmpty()) {
            Ground ground = new Ground("service", "the cohort's policy has no canary phase any more", Optional.empty());
            return decisions.revoke(connection, loop, "SUPERSEDED", ground);
        }
        String version = loop.candidate().orElseThrow();
        return trial(connection, loop)
                .chain(trial -> health.judge(connection, trial, settings.get().health()))
                .chain(verdict -> decide(connection, loop, version, verdict));
    }

    private Uni<Optional<String>> decide(SqlConnection connection, Loop loop, String version, HealthVerdict verdict) {
        if (verdict.decision() == HealthVerdict.Decision.CONTINUE) {
            return decisions.look(connection, version, verdict).replaceWith(Optional.empty());
        }
        LOG.infof("loop %s, candidate %s: %s: %s", loop.key(), version, verdict.decision(), verdict.reason());
        return audit.record(
                        connection,
                        Actor.service(),
                        verdict.decision().name(),
                        "/api/v1/update-rollouts/" + version,
                        200)
                .chain(() -> verdict.decision() == HealthVerdict.Decision.PROMOTE
                        ? decisions.promote(connection, loop, Ground.of(verdict))
                        : decisions.revoke(connection, loop, "REVOKED", Ground.of(verdict)));
    }

    private static Uni<Trial> trial(SqlConnection connection, Loop loop) {
        String version = loop.candidate().orElseThrow();
        return CohortDevices.of(connection, loop.key().cohort()).chain(devices -> connection
                .preparedQuery("select started_at from update_rollout where version = $1")
                .execute(Tuple.of(version))
                .map(rows -> new Trial(
                        version,
                        loop.key().cohort(),
                        rows.iterator().next().getOffsetDateTime(0).toInstant(),
                        devices.canaries(),
                        devices.others(),
                        Trial.Subject.update(loop.key().modelDigest(), version))));
    }
}
