package io.cema.cloud.messaging;

import io.cema.cloud.metrics.DatabaseGauges;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;

/** What waits to go down, for the metrics endpoint; the same for every process of the tenant. */
@ApplicationScoped
class OutboxMeters implements DatabaseGauges {
    private volatile long waiting;
    private volatile double oldestSeconds;

    OutboxMeters(MeterRegistry registry) {
        Gauge.builder("cema.outbox.waiting", () -> waiting)
                .description("Messages that are committed and not published yet")
                .baseUnit("messages")
                .register(registry);
        Gauge.builder("cema.outbox.oldest", () -> oldestSeconds)
                .description("How long the oldest of them has waited")
                .baseUnit("seconds")
                .register(registry);
    }

    @Override
    public Uni<Void> look(SqlConnection connection) {
        return connection
                .query("select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from outbox"
                        + " where published_at is null")
                .execute()
                .invoke(rows -> {
                    var row = rows.iterator().next();
                    waiting = row.getLong(0);
                    oldestSeconds = row.getDouble(1);
                })
                .replaceWithVoid();
    }
}
