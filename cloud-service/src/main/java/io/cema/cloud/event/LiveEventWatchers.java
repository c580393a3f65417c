package io.cema.cloud.event;

import io.cema.cloud.http.ProblemException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Who watches now: so many and no more, and cut off is who does not take what he is sent. Any thread. */
@ApplicationScoped
class LiveEventWatchers {
    private static final Logger LOG = Logger.getLogger(LiveEventWatchers.class);
    private static final long SWEEP_MILLIS = 1000;

    private final Vertx vertx;
    private final LiveEventSettings settings;
    private final Set<LiveEventWatcher> watching = ConcurrentHashMap.newKeySet();
    private long timer;

    LiveEventWatchers(Vertx vertx, LiveEventSettings settings, MeterRegistry registry) {
        this.vertx = vertx;
        this.settings = settings;
        Gauge.builder("cema.live.event.streams", watching, Set::size)
                .description("Streams of live events that are open to this process")
                .register(registry);
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
        watching.forEach(LiveEventWatcher::cutOff);
    }

    /** Fails with 503 if as many watch as may. */
    void enter(LiveEventWatcher watcher) {
        if (watching.size() >= settings.watchers()) {
            throw new ProblemException(
                    503,
                    "too-many-watchers",
                    "Too many watch",
                    "as many streams are open as cema.live-events.watchers allows, " + settings.watchers()
                            + "; close one, or raise the setting");
        }
        watching.add(watcher);
    }

    void leave(LiveEventWatcher watcher) {
        watching.remove(watcher);
    }

    int count() {
        return watching.size();
    }

    private void sweep() {
        for (LiveEventWatcher watcher : watching) {
            // One that waits looks at every heartbeat; another has a connection that takes nothing.
            if (watcher.idleNanos()
                    > settings.patience().plus(settings.heartbeat()).toNanos()) {
                LOG.infof(
                        "a watcher of live events has taken nothing for %d s: cut off",
                        settings.patience().toSeconds());
                watching.remove(watcher);
                watcher.cutOff();
            }
        }
    }
}
