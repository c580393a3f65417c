package io.cema.cloud.ingest;

import io.cema.cloud.event.Actor;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Erases what is older than may be kept. Every replica does; two at once do no harm. */
@ApplicationScoped
class SampleExpiry {
    private static final Logger LOG = Logger.getLogger(SampleExpiry.class);
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final SampleErasure erasure;
    private final SampleSettings settings;
    private final ServiceClock clock;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-sample-expiry");

    SampleExpiry(
            SampleErasure erasure,
            SampleSettings settings,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        if (settings.expireAfter().compareTo(Duration.ZERO) <= 0) {
            throw new IllegalArgumentException(
                    "cema.samples.expire-after must be longer than nothing, is " + settings.expireAfter());
        }
        this.erasure = erasure;
        this.settings = settings;
        this.clock = clock;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        long period = settings.expiryInterval().toMillis();
        timer.scheduleWithFixedDelay(this::expireWithPatience, 0, period, TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /** Erases what has expired by now. Blocks. */
    Erased expire() {
        ErasureScope old = new ErasureScope.Old(clock.instant().minus(settings.expireAfter()));
        return erasure.erase(tenant, old, Actor.service()).await().atMost(PATIENCE);
    }

    private void expireWithPatience() {
        try {
            Erased erased = expire();
            if (!erased.nothing()) {
                LOG.infof(
                        "%d samples, %d parts and %d dead letters have expired",
                        erased.samples(), erased.parts(), erased.deadLetters());
            }
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.warnf("samples are not expired, trying again: %s", e.getMessage());
        }
    }
}
