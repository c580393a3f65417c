package io.cema.cloud.rollout.model;

import io.cema.cloud.rollout.health.NonInferiorityTest;
import io.cema.cloud.rollout.model.ModelHealth.Verdict;
import io.cema.cloud.rollout.model.RolloutRepository.Held;
import io.cema.cloud.rollout.model.SuccessCondition.HealthNotWorse;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Judges a wave that leaves no device on the former model: its uploads are compared, one by one, with the newest ones the
 * former model made in this cohort before the wave. That reference is fixed when the wave begins. A world that has grown
 * harder since counts against the new model, so the error is a rollback, never a pass; without former uploads nothing is
 * decided.
 */
@ApplicationScoped
class FormerUploads {
    private static final int MOST = 20_000;
    private static final String JUDGED = "select (teacher_class = predicted_class) as agrees from sample"
            + " where cohort = $1 and model_digest = $2 and teacher_class is not null and ($3 or reason = 'RANDOM')";

    private final RolloutSettings settings;

    FormerUploads(RolloutSettings settings) {
        this.settings = settings;
    }

    /** The evidence of now, in the caller's transaction. */
    Uni<ModelHealth> judge(SqlConnection connection, Held held, HealthNotWorse wanted) {
        Rollout rollout = held.rollout();
        Instant begun = rollout.waveStartedAt().orElseThrow();
        return former(connection, held, wanted, begun).chain(former -> present(connection, held, wanted, begun)
                .map(present -> compare(
                        former,
                        present,
                        new NonInferiorityTest(
                                wanted.margin(),
                                RolloutHealth.alpha(rollout),
                                RolloutHealth.BETA,
                                wanted.minimumSamples()))));
    }

    private Uni<List<Boolean>> former(SqlConnection connection, Held held, HealthNotWorse wanted, Instant begun) {
        return agreements(
                connection,
                "select agrees from (" + JUDGED.replace("select (", "select ordinal, (")
                        + " and received_at <= $4 and received_at > $5 order by ordinal desc limit $6) n order by ordinal",
                Tuple.of(
                        held.rollout().cohort(),
                        held.formerEdge(),
                        wanted.everyUpload(),
                        begun.atOffset(ZoneOffset.UTC),
                        begun.minus(settings.referenceAge()).atOffset(ZoneOffset.UTC),
                        MOST));
    }

    private static Uni<List<Boolean>> present(
            SqlConnection connection, Held held, HealthNotWorse wanted, Instant begun) {
        return agreements(
                connection,
                JUDGED + " and received_at > $4 order by ordinal limit $5",
                Tuple.of(
                        held.rollout().cohort(),
                        held.edge(),
                        wanted.everyUpload(),
                        begun.atOffset(ZoneOffset.UTC),
                        MOST));
    }

    private static Uni<List<Boolean>> agreements(SqlConnection connection, String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters).map(rows -> {
            List<Boolean> agreements = new ArrayList<>(rows.size());
            for (Row row : rows) {
                agreements.add(row.getBoolean("agrees"));
            }
            return agreements;
        });
    }

    private static ModelHealth compare(List<Boolean> former, List<Boolean> present, NonInferiorityTest test) {
        for (int i = 0; i < Math.min(former.size(), present.size()); i++) {
            test.observe(false, former.get(i) ? 1 : 0);
            test.observe(true, present.get(i) ? 1 : 0);
        }
        return new ModelHealth(
                switch (test.outcome()) {
                    case NOT_WORSE -> Verdict.NOT_WORSE;
                    case WORSE -> Verdict.WORSE;
                    case UNDECIDED -> Verdict.UNDECIDED;
                },
                String.format(
                        Locale.ROOT,
                        "agreement with the teacher %.3f, of the former model before this wave %.3f, by %d uploads of"
                                + " %d and %d",
                        test.canaryMean(),
                        test.referenceMean(),
                        test.differences(),
                        present.size(),
                        former.size()));
    }
}
