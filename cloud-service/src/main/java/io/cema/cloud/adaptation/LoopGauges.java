package io.cema.cloud.adaptation;

import io.cema.cloud.metrics.DatabaseGauges;
import io.cema.cloud.metrics.MetricsSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each loop stands, for the metrics endpoint; the same for every process, whoever holds the loop. Of the first loops by
 * name, so many as cohorts may have series of their own.
 */
@ApplicationScoped
class LoopGauges implements DatabaseGauges {
    private static final String LOOPS = "select l.cohort, l.model_digest, l.status = 'FAILED' as failed,"
            + " l.holder is not null and l.expires_at > now() as held, l.candidate_version is not null as judged,"
            + " coalesce(h.frozen or h.pinned_version is not null, false) as stopped, w.waiting, w.oldest"
            + " from adaptation_loop l left join update_hold h on h.cohort = l.cohort"
            + " cross join lateral (select count(*) as waiting,"
            + "   coalesce(extract(epoch from now() - min(f.received_at)), 0)::float8 as oldest from ("
            + "     select s.received_at from sample s where s.cohort = l.cohort and s.model_digest = l.model_digest"
            + "     and s.trained_step is null and not s.held_back order by s.ordinal limit 10000) f) w"
            + " order by l.cohort, l.model_digest limit $1";

    private final int most;
    private final MultiGauge held;
    private final MultiGauge failed;
    private final MultiGauge judged;
    private final MultiGauge stopped;
    private final MultiGauge waiting;
    private final MultiGauge oldest;

    LoopGauges(MeterRegistry registry, MetricsSettings settings) {
        most = settings.cohorts();
        held = gauge(registry, "held", "1 while some process holds the loop's lease");
        failed = gauge(registry, "failed", "1 while the loop reports a problem");
        judged = gauge(registry, "under.judgement", "1 while canaries try a candidate of the loop");
        stopped = gauge(registry, "stopped", "1 while an operator has frozen or pinned the cohort's updates");
        waiting = gauge(registry, "waiting.samples", "Samples that no step has taken yet; counted up to 10,000");
        oldest = gauge(registry, "oldest.waiting.seconds", "How long the oldest of them has been durable");
    }

    @Override
    public Uni<Void> look(SqlConnection connection) {
        return connection
                .preparedQuery(LOOPS)
                .execute(Tuple.of(most))
                .invoke(this::show)
                .replaceWithVoid();
    }

    private void show(RowSet<Row> loops) {
        show(held, loops, loop -> loop.getBoolean("held") ? 1 : 0);
        show(failed, loops, loop -> loop.getBoolean("failed") ? 1 : 0);
        show(judged, loops, loop -> loop.getBoolean("judged") ? 1 : 0);
        show(stopped, loops, loop -> loop.getBoolean("stopped") ? 1 : 0);
        show(waiting, loops, loop -> loop.getLong("waiting"));
        show(oldest, loops, loop -> loop.getDouble("oldest"));
    }

    private interface Reader {
        double read(Row loop);
    }

    private static void show(MultiGauge gauge, RowSet<Row> loops, Reader reader) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (Row loop : loops) {
            LoopKey key = new LoopKey("", loop.getString("cohort"), loop.getString("model_digest"));
            rows.add(MultiGauge.Row.of(Tags.of("cohort", key.cohort(), "model", key.shortModel()), reader.read(loop)));
        }
        gauge.register(rows, true);
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder("cema.adaptation.loop." + name)
                .description(description)
                .register(registry);
    }
}
