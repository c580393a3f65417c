package io.cema.cloud.security;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.protocol.topic.Principal;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The authority this process issues with, in {@code data-dir/ca}. Opened before anything connects, since the broker's
 * and the service's own certificates are made there too; by the HTTPS server, if that is first.
 */
@ApplicationScoped
class PlatformAuthority {
    private static final Logger LOG = Logger.getLogger(PlatformAuthority.class);
    private static final int BEFORE_CHANNELS_ARE_WIRED = 50;

    /** The name of the broker's certificate and key. */
    private static final String BROKER = "broker";
    /** The name of this service's own certificate and key as a server. */
    static final String HTTPS = "https";

    private final SecuritySettings settings;
    private final ServiceClock clock;
    private final Path path;
    private final String tenant;
    private volatile AuthorityFolder folder;

    PlatformAuthority(
            SecuritySettings settings,
            ServiceClock clock,
            @ConfigProperty(name = "cema.data-dir") Path dataFolder,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.settings = settings;
        this.clock = clock;
        this.path = dataFolder.resolve("ca");
        this.tenant = tenant;
    }

    void start(@Observes @Priority(BEFORE_CHANNELS_ARE_WIRED) StartupEvent event) {
        if (!settings.enabled()) {
            return;
        }
        ready();
    }

    /** The folder with every certificate this machine needs. Short file I/O the first time. */
    synchronized AuthorityFolder ready() {
        if (folder == null) {
            try {
                AuthorityFolder opened = open();
                issue(opened);
                folder = opened;
                LOG.infof("certificate authority %s of %s", opened.authority().fingerprint(), path.toAbsolutePath());
            } catch (IOException e) {
                throw new UncheckedIOException("cema.security: " + e.getMessage(), e);
            }
        }
        return folder;
    }

    /** Makes anew those of this machine's certificates that are in the last third of their time. Short file I/O. */
    synchronized void renew() throws IOException {
        issue(ready());
    }

    private void issue(AuthorityFolder to) throws IOException {
        to.server(BROKER, settings.brokerNames());
        to.server(HTTPS, settings.httpsNames());
        to.client("service", new Principal.Service(tenant, "cloud").commonName());
    }

    private AuthorityFolder open() throws IOException {
        Optional<Path> certificate = settings.authority().certificate();
        Optional<Path> key = settings.authority().key();
        if (certificate.isPresent() != key.isPresent()) {
            throw new IOException("cema.security.authority.certificate and .key go together; one is missing");
        }
        return certificate.isPresent()
                ? AuthorityFolder.given(path, certificate.get(), key.orElseThrow(), clock)
                : AuthorityFolder.open(path, clock);
    }

    boolean enabled() {
        return settings.enabled();
    }

    /** Fails with 404 where there is none. */
    CertificateAuthority authority() {
        return folder().authority();
    }

    /** Fails with 404 where there is none. */
    AuthorityFolder folder() {
        if (folder == null) {
            throw new ProblemException(
                    404,
                    "enrolment-off",
                    "Enrolment is off",
                    "this service issues no certificates; start it with cema.security.enabled=true");
        }
        return folder;
    }
}
