package io.cema.cloud.security.access;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.ServiceClock;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Knows callers by their tokens, in the mode of {@code cema.access.mode}. The service does not start in a mode that
 * cannot work or is not safe; before the mode stands, nobody is let in.
 */
@ApplicationScoped
class Access {
    private static final Logger LOG = Logger.getLogger(Access.class);
    private static final int BEFORE_CHANNELS_ARE_WIRED = 40;
    private static final String SCHEME = "bearer ";

    private final AccessSettings settings;
    private final RevokedTokens revoked;
    private final ServiceClock clock;
    private final Path folder;
    private final String tenant;
    private final String host;
    private final boolean forwarding;
    private final Optional<String> proxies;
    private final boolean certificates;
    private volatile TokenVerifier verifier;

    Access(
            AccessSettings settings,
            RevokedTokens revoked,
            ServiceClock clock,
            @ConfigProperty(name = "cema.data-dir") Path dataFolder,
            @ConfigProperty(name = "cema.tenant") String tenant,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding", defaultValue = "false")
                    boolean forwarding,
            @ConfigProperty(name = "quarkus.http.proxy.trusted-proxies") Optional<String> proxies,
            @ConfigProperty(name = "cema.security.enabled", defaultValue = "false") boolean certificates) {
        this.settings = settings;
        this.revoked = revoked;
        this.clock = clock;
        this.folder = dataFolder.resolve("access");
        this.tenant = tenant;
        this.host = host;
        this.forwarding = forwarding;
        this.proxies = proxies;
        this.certificates = certificates;
    }

    void start(@Observes @Priority(BEFORE_CHANNELS_ARE_WIRED) StartupEvent event) {
        if (forwarding && proxies.filter(p -> !p.isBlank()).isEmpty()) {
            throw new IllegalStateException("quarkus.http.proxy.proxy-address-forwarding is on without"
                    + " quarkus.http.proxy.trusted-proxies: anybody could write any address into the audit log; name"
                    + " the proxies");
        }
        if (settings.openArtefacts()) {
            requireMayBeOpen(certificates, host);
            LOG.warnf("cema.access.open-artefacts=true: everybody on this machine who knows a digest may download");
        }
        switch (settings.mode()) {
            case OPEN -> {
                requireLoopback(host);
                LOG.warnf("cema.access.mode=open: everybody on this machine is admin of tenant %s", tenant);
            }
            case LOCAL -> verifier = local();
            case OIDC -> verifier = new OidcTokens(settings.oidc(), clock);
        }
    }

    private LocalIssuer local() {
        try {
            return LocalIssuer.open(folder, tenant, settings.firstAdminValidity(), clock);
        } catch (IOException e) {
            throw new UncheckedIOException("cema.access.mode=local: " + e.getMessage(), e);
        }
    }

    boolean open() {
        return settings.mode() == AccessSettings.Mode.OPEN;
    }

    /** Fails with 404 where tokens come from elsewhere. */
    LocalIssuer issuer() {
        if (verifier instanceof LocalIssuer issuer) {
            return issuer;
        }
        throw new ProblemException(
                404,
                "token-issuer-off",
                "No tokens from here",
                "this service issues no tokens; start it with cema.access.mode=local, or ask the OIDC provider");
    }

    /**
     * Whose request it is.
     *
     * @param authorization the header, or null
     * @return fails with 401 if the token is missing or does not hold, with 503 if that cannot be known now
     */
    Uni<Caller> caller(String authorization) {
        TokenVerifier by = verifier;
        if (by == null) {
            return Uni.createFrom()
                    .failure(new ProblemException(503, "starting", "Not ready", "the service starts; try again soon"));
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Uni.createFrom()
                    .failure(TokenVerifier.refused("the request has no header `Authorization: Bearer TOKEN`"));
        }
        String token = authorization.substring(SCHEME.length()).strip();
        return Uni.createFrom()
                .item(() -> by.verify(token))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .call(this::requireNotRevoked);
    }

    private Uni<Void> requireNotRevoked(Caller caller) {
        return caller.tokenId()
                .map(id -> revoked.contains(tenant, id).invoke(gone -> {
                    if (gone) {
                        throw TokenVerifier.refused("the token was revoked");
                    }
                }))
                .orElse(Uni.createFrom().item(false))
                .replaceWithVoid();
    }

    /** @throws IllegalStateException if others than this machine could reach it */
    static void requireLoopback(String host) {
        if (!loopback(host)) {
            throw new IllegalStateException("cema.access.mode=open lets everybody do everything, and"
                    + " quarkus.http.host=" + host + " lets others than this machine in: set"
                    + " cema.access.mode=local or oidc, or quarkus.http.host=127.0.0.1");
        }
    }

    /** @throws IllegalStateException if artefacts may not be open */
    static void requireMayBeOpen(boolean certificates, String host) {
        if (certificates) {
            throw new IllegalStateException("cema.access.open-artefacts=true goes around the certificates of"
                    + " cema.security.enabled=true: remove it, and agents download over HTTPS with theirs");
        }
        if (!loopback(host)) {
            throw new IllegalStateException(
                    "cema.access.open-artefacts=true gives models to whoever knows a digest, and"
                            + " quarkus.http.host=" + host + " lets others than this machine in: set"
                            + " cema.security.enabled=true and enrol the agents, or quarkus.http.host=127.0.0.1");
        }
    }

    private static boolean loopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("quarkus.http.host=" + host + " is no address of this machine", e);
        }
    }
}
