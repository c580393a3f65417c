package io.cema.cloud.event;

import io.cema.cloud.persistence.DatabaseNotifications;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Wakes watchers: when the database notifies, many notifications at once; every second while it cannot; and for every
 * heartbeat. Any thread.
 */
@ApplicationScoped
class LiveEventSignal {
    private static final long TICK_MILLIS = 1000;
    private static final long GATHER_MILLIS = 20;

    private final Vertx vertx;
    private final DatabaseNotifications notifications;
    private final String tenant;
    private final long heartbeatMillis;
    private final AtomicReference<CompletableFuture<Void>> next = new AtomicReference<>(new CompletableFuture<>());
    private final AtomicBoolean gathering = new AtomicBoolean();
    private long timer;
    private long silentMillis; // of the timer's thread

    LiveEventSignal(
            Vertx vertx,
            DatabaseNotifications notifications,
            LiveEventSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.vertx = vertx;
        this.notifications = notifications;
        this.tenant = tenant;
        this.heartbeatMillis = settings.heartbeat().toMillis();
    }

    void start(@Observes StartupEvent event) {
        notifications.listen(LiveEvents.NOTIFICATION, this::notified);
        timer = vertx.setPeriodic(Math.min(TICK_MILLIS, heartbeatMillis), this::tick);
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /** Take it before looking, wait for it after: then nothing is missed in between. */
    Uni<Void> change() {
        CompletableFuture<Void> change = next.get();
        return Uni.createFrom().completionStage(change::copy);
    }

    private void notified(String whose) {
        if (tenant.equals(whose) && gathering.compareAndSet(false, true)) {
            vertx.setTimer(GATHER_MILLIS, passed -> {
                gathering.set(false);
                wake();
            });
        }
    }

    private void tick(long id) {
        silentMillis += TICK_MILLIS;
        if (!notifications.connected() || silentMillis >= heartbeatMillis) {
            silentMillis = 0;
            wake();
        }
    }

    private void wake() {
        next.getAndSet(new CompletableFuture<>()).complete(null);
    }
}
