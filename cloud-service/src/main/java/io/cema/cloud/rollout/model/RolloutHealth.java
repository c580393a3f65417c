package io.cema.cloud.rollout.model;

import io.cema.cloud.rollout.health.HealthJudge;
import io.cema.cloud.rollout.health.HealthSettings;
import io.cema.cloud.rollout.health.HealthSettings.Condition;
import io.cema.cloud.rollout.health.HealthVerdict;
import io.cema.cloud.rollout.health.Trial;
import io.cema.cloud.rollout.model.ModelHealth.Verdict;
import io.cema.cloud.rollout.model.RolloutRepository.Held;
import io.cema.cloud.rollout.model.SuccessCondition.HealthNotWorse;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a rollout's model is worth beside the former one: by the agreement with the teacher on uploads since the wave began,
 * and by latency where the wave asks for that. Entropies are not compared: two models are certain in ways of their own.
 *
 * <p>While devices of the cohort still have the former model they are the reference. The last wave leaves none; then
 * {@link FormerUploads} of the time before it are.
 */
@ApplicationScoped
class RolloutHealth {
    /** Of stopping a model that is not worse, over all waves together. */
    static final double ALPHA = 0.02;

    /** Of passing, in one wave, a model that is worse by the margin. */
    static final double BETA = 0.05;

    private static final double UNUSED_SHARE = 0.5;
    /** Failures have a condition of their own; here only a model that every device failed with counts. */
    private static final double FAILURE_LIMIT = 0.99;

    private static final double NO_LATENCY_LIMIT = 100;
    private static final long MINIMUM_FRAMES = 1_000;
    /** The wave has a time limit, which knows of pauses. */
    private static final long NO_TIME_LIMIT = Long.MAX_VALUE;

    private final HealthJudge judge;
    private final RolloutDevices devices;
    private final FormerUploads former;

    RolloutHealth(HealthJudge judge, RolloutDevices devices, FormerUploads former) {
        this.judge = judge;
        this.devices = devices;
        this.former = former;
    }

    /** The evidence of now, in the caller's transaction. */
    Uni<ModelHealth> judge(SqlConnection connection, Held held) {
        Rollout rollout = held.rollout();
        Wave wave = rollout.waves().get(rollout.wave());
        HealthNotWorse wanted = wave.success().health() == null
                ? HealthNotWorse.DEFAULT
                : wave.success().health();
        return devices.group(connection, rollout, true).chain(with -> devices.group(connection, rollout, false)
                .chain(without -> without.isEmpty()
                        ? former.judge(connection, held, wanted)
                        : beside(connection, held, wanted, with, without)));
    }

    private Uni<ModelHealth> beside(
            SqlConnection connection, Held held, HealthNotWorse wanted, List<String> with, List<String> without) {
        Rollout rollout = held.rollout();
        Trial trial = new Trial(
                trial(rollout),
                rollout.cohort(),
                rollout.waveStartedAt().orElseThrow(),
                with,
                without,
                Trial.Subject.model(held.edge()));
        return judge.judge(connection, trial, settings(rollout, wanted)).map(RolloutHealth::health);
    }

    /** Forgets what was kept for the running wave. */
    Uni<Void> end(SqlConnection connection, Rollout rollout) {
        return judge.end(connection, trial(rollout));
    }

    /** Each wave is tried anew, so each gets its part of the false alarms. */
    static double alpha(Rollout rollout) {
        return ALPHA / rollout.waves().size();
    }

    private static String trial(Rollout rollout) {
        return rollout.id() + "/" + rollout.wave();
    }

    private static HealthSettings settings(Rollout rollout, HealthNotWorse wanted) {
        Set<Condition> conditions = EnumSet.of(Condition.AGREEMENT);
        if (wanted.latencyLimit() != null) {
            conditions.add(Condition.LATENCY);
        }
        return new HealthSettings(
                alpha(rollout),
                BETA,
                conditions,
                !wanted.everyUpload(),
                wanted.margin(),
                UNUSED_SHARE,
                wanted.minimumSamples(),
                UNUSED_SHARE,
                wanted.latencyLimit() == null ? NO_LATENCY_LIMIT : wanted.latencyLimit(),
                MINIMUM_FRAMES,
                FAILURE_LIMIT,
                1,
                NO_TIME_LIMIT);
    }

    private static ModelHealth health(HealthVerdict verdict) {
        return new ModelHealth(
                switch (verdict.decision()) {
                    case PROMOTE -> Verdict.NOT_WORSE;
                    case REVOKE -> Verdict.WORSE;
                    case CONTINUE -> Verdict.UNDECIDED;
                },
                verdict.reason());
    }
}
