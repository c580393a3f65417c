package io.cema.cloud.event;

import io.cema.cloud.persistence.SchemaReady;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Removes live events that are no longer kept, at start and every quarter of an hour. */
@ApplicationScoped
class LiveEventPruning {
    private static final Logger LOG = Logger.getLogger(LiveEventPruning.class);
    private static final long PERIOD_MILLIS = 15 * 60 * 1000;

    private final Vertx vertx;
    private final LiveEventLog log;
    private final LiveEventSettings settings;
    private final String tenant;
    private volatile Long timer;

    LiveEventPruning(
            Vertx vertx,
            LiveEventLog log,
            LiveEventSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.vertx = vertx;
        this.log = log;
        this.settings = settings;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady ready) {
        prune();
        timer = vertx.setPeriodic(PERIOD_MILLIS, id -> prune());
    }

    void stop(@Observes ShutdownEvent event) {
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void prune() {
        log.prune(tenant, settings.kept())
                .subscribe()
                .with(
                        count -> LOG.debugf("%d live events removed", count),
                        e -> LOG.warnf("live events cannot be removed, tried again later: %s", e.getMessage()));
    }
}
