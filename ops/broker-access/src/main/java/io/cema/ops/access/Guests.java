package io.cema.ops.access;

import com.hivemq.extension.sdk.api.services.session.ClientService;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which certificate each client came in with last. A revoked one loses its session at once, connected or not; one at its
 * end loses its connection. Grows with the fleet, not with its connections. Thread-safe.
 */
final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    private final Map<String, X509Certificate> certificates = new ConcurrentHashMap<>();
    private final Clock clock;

    Guests(Clock clock) {
        this.clock = clock;
    }

    void entered(String clientId, X509Certificate certificate) {
        certificates.put(clientId, certificate);
    }

    /** Puts out whoever may no longer be here. */
    void sweep(Revocations revocations, ClientService clients) {
        certificates.forEach((clientId, certificate) -> {
            if (revocations.revoked(certificate)) {
                LOG.warn("client {} loses its session: its certificate is revoked", clientId);
                clients.invalidateSession(clientId)
                        .whenComplete((done, failure) -> gone(clientId, certificate, failure));
            } else if (clock.instant().isAfter(certificate.getNotAfter().toInstant())) {
                LOG.warn("client {} is disconnected: its certificate has ended", clientId);
                clients.disconnectClient(clientId)
                        .whenComplete((done, failure) -> gone(clientId, certificate, failure));
            }
        });
    }

    private void gone(String clientId, X509Certificate certificate, Throwable failure) {
        if (failure == null) {
            certificates.remove(clientId, certificate);
        } else {
            LOG.error("client {} could not be put out, trying again", clientId, failure);
        }
    }
}
