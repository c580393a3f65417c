package io.cema.cloud.guard;

import io.cema.cloud.adaptation.CohortPolicy;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Compares the devices of each cohort time and again. Every replica does; the first to find an odd one sets it apart. */
@ApplicationScoped
class OutlierWatch {
    private static final Logger LOG = Logger.getLogger(OutlierWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Portraits portraits;
    private final Quarantine quarantine;
    private final GuardConfig config;
    private final ServiceClock clock;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-guard");

    OutlierWatch(
            Portraits portraits,
            Quarantine quarantine,
            GuardConfig config,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.portraits = portraits;
        this.quarantine = quarantine;
        this.config = config;
        this.clock = clock;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        long period = config.interval().toMillis();
        timer.scheduleWithFixedDelay(this::lookWithPatience, period, period, TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /** Compares once; at most one device of a cohort is set apart. Blocks. A cohort that fails hurts no other. */
    void look() {
        for (Portraits.Loop loop : await(portraits.loops(tenant))) {
            try {
                look(loop);
            } catch (RuntimeException e) {
                LOG.warnf("devices of cohort %s are not compared, trying again: %s", loop.cohort(), e.getMessage());
            }
        }
    }

    private void look(Portraits.Loop loop) {
        if (!CohortPolicy.parse(loop.policy()).guard().quarantine()) {
            return;
        }
        Instant until = clock.instant();
        Instant from = until.minus(config.window());
        List<DeviceWindow> windows = await(portraits.windows(tenant, loop, from, until, config));
        Likeness.worst(windows).ifPresent(outlier -> {
            String device = outlier.window().device();
            Evidence evidence = new Evidence(
                    loop.modelDigest(),
                    from,
                    until,
                    windows.size(),
                    outlier.window().whole().images(),
                    outlier.score(),
                    outlier.threshold(),
                    outlier.differences());
            if (await(quarantine.setApart(device, loop.cohort(), evidence))) {
                LOG.warnf(
                        "device %s is set apart in cohort %s: %.1f times as far from the others as usual, limit %.1f; see"
                                + " /api/v1/quarantine/%s",
                        device, loop.cohort(), outlier.score(), outlier.threshold(), device);
            }
        });
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(PATIENCE);
    }

    private void lookWithPatience() {
        try {
            look();
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.warnf("devices are not compared, trying again: %s", e.getMessage());
        }
    }
}
