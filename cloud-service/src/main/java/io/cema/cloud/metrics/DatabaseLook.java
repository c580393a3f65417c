package io.cema.cloud.metrics;

import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Asks the database for all gauges at once, every {@code cema.metrics.interval} and never twice at a time. A scrape asks
 * nothing: however many scrape, the database has the same to do. While it does not answer the gauges stay as they were, and
 * their age tells.
 */
@ApplicationScoped
class DatabaseLook {
    private static final Logger LOG = Logger.getLogger(DatabaseLook.class);

    private final Vertx vertx;
    private final TenantDatabase database;
    private final List<DatabaseGauges> gauges;
    private final MetricsSettings settings;
    private final String tenant;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile long lookedNanos = System.nanoTime();
    private long timer;

    DatabaseLook(
            Vertx vertx,
            TenantDatabase database,
            @Any Instance<DatabaseGauges> gauges,
            MetricsSettings settings,
            MeterRegistry registry,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.vertx = vertx;
        this.database = database;
        this.gauges = gauges.stream().toList();
        this.settings = settings;
        this.tenant = tenant;
        Gauge.builder("cema.metrics.database.age", () -> (System.nanoTime() - lookedNanos) / 1e9)
                .description("Since the database was last asked for what only it knows")
                .baseUnit("seconds")
                .register(registry);
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(settings.interval().toMillis(), id -> look());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /** Returns at once. */
    void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        database.inTransaction(tenant, connection -> OneByOne.each(gauges, one -> one.look(connection)))
                .subscribe()
                .with(
                        done -> {
                            lookedNanos = System.nanoTime();
                            looking.set(false);
                        },
                        e -> {
                            LOG.debugf("metrics of the database stay as they were: %s", e.getMessage());
                            looking.set(false);
                        });
    }
}
