package io.cema.cloud.security;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The revocation list, as a file for a broker of this machine and in memory for others who fetch it. Derived from the
 * table: at start, after each revocation here, and at intervals for those of other replicas. Signed anew well before it
 * ends, since brokers refuse everyone when it has.
 */
@ApplicationScoped
class RevocationList {
    private static final Logger LOG = Logger.getLogger(RevocationList.class);
    private static final int RENEWALS = 10;

    private final PlatformAuthority platform;
    private final TenantDatabase database;
    private final Certificates certificates;
    private final SecuritySettings settings;
    private final ServiceClock clock;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-revocations");
    private volatile Published published;

    /** What was written last. */
    private record Published(Set<String> serials, Instant at, byte[] der) {}

    RevocationList(
            PlatformAuthority platform,
            TenantDatabase database,
            Certificates certificates,
            SecuritySettings settings,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.platform = platform;
        this.database = database;
        this.certificates = certificates;
        this.settings = settings;
        this.clock = clock;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        if (platform.enabled()) {
            long period = settings.revocationListRefresh().toMillis();
            timer.scheduleWithFixedDelay(this::refreshWithPatience, 0, period, TimeUnit.MILLISECONDS);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /** The list in DER; fails with 503 before the first one. */
    byte[] der() {
        platform.authority();
        Published last = published;
        if (last == null) {
            throw new ProblemException(
                    503, "no-list-yet", "Not ready", "the revocation list waits for the database; try again soon");
        }
        return last.der();
    }

    /** Reads the table and publishes what changed. Blocks. */
    synchronized void refresh() {
        List<IssuedCertificate> revoked =
                database.inTransaction(tenant, certificates::revoked).await().atMost(Duration.ofSeconds(30));
        Set<String> serials = new HashSet<>();
        revoked.forEach(certificate -> serials.add(certificate.serial()));
        Published last = published;
        Duration validity = settings.revocationListValidity();
        if (last != null
                && last.serials().equals(serials)
                && clock.instant().isBefore(last.at().plus(validity.dividedBy(RENEWALS)))) {
            return;
        }
        byte[] der = platform.authority()
                .revocationList(
                        revoked.stream()
                                .map(c -> new CertificateAuthority.Revoked(
                                        c.serialNumber(), c.revokedAt().orElseThrow()))
                                .toList(),
                        validity);
        try {
            platform.folder().writeRevocationList(der);
        } catch (IOException e) {
            throw new UncheckedIOException("the revocation list cannot be written", e);
        }
        published = new Published(serials, clock.instant(), der);
        LOG.infof("revocation list written: %d certificates", serials.size());
    }

    private void refreshWithPatience() {
        try {
            refresh();
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.warnf("the revocation list is not refreshed, trying again: %s", e.getMessage());
        }
    }
}
