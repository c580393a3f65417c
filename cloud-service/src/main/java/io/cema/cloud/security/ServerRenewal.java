package io.cema.cloud.security;

import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Makes the certificates of the broker and of this service anew in the last third of their time, however long the process
 * runs. The service's own are in use at once: for HTTPS from here, towards the broker at the next connection. A broker must be
 * told, which is its operator's part.
 */
@ApplicationScoped
class ServerRenewal {
    private static final Logger LOG = Logger.getLogger(ServerRenewal.class);

    private final PlatformAuthority platform;
    private final HttpsServer https;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-server-certificates");

    ServerRenewal(PlatformAuthority platform, HttpsServer https) {
        this.platform = platform;
        this.https = https;
    }

    void start(@Observes StartupEvent event) {
        if (platform.enabled()) {
            timer.scheduleWithFixedDelay(this::renewWithPatience, 1, 1, TimeUnit.HOURS);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /** Short file I/O. What cannot be renewed stays in use as it is. */
    void renew() throws IOException {
        platform.renew();
        https.readKeys();
    }

    private void renewWithPatience() {
        try {
            renew();
        } catch (IOException | RuntimeException e) { // a timer that throws would never run again
            LOG.errorf(e, "the certificates of broker and service are not renewed, trying again in an hour");
        }
    }
}
