package io.cema.cloud.security;

import io.cema.cloud.fleet.WishedArtefacts;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.topic.Principal;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What a device may download with its certificate: what its desired state names, as long as the certificate is on record
 * and not revoked. Both are asked in the database for each request, where the brokers' revocation list comes from too, so
 * a revocation holds at once, on a connection that is open as well.
 */
@ApplicationScoped
public class DeviceDownloads {
    private static final Logger LOG = Logger.getLogger(DeviceDownloads.class);
    private static final String COMMON_NAME = "CN=";

    private final TenantDatabase database;
    private final Certificates certificates;
    private final WishedArtefacts wished;
    private final ServiceClock clock;
    private final String tenant;

    DeviceDownloads(
            TenantDatabase database,
            Certificates certificates,
            WishedArtefacts wished,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.certificates = certificates;
        this.wished = wished;
        this.clock = clock;
        this.tenant = tenant;
    }

    /** The certificate that the other side of the connection has proved to be its own; the server trusts its issuer. */
    public static Optional<X509Certificate> shown(RoutingContext request) {
        SSLSession session = request.request().sslSession();
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own ? Optional.of(own) : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it showed none
        }
    }

    /**
     * Whose certificate it is, if it may have that artefact.
     *
     * @return the device's id; fails with 403, saying why
     */
    public Uni<String> allow(X509Certificate certificate, String digest) {
        String name = certificate.getSubjectX500Principal().getName();
        Optional<Principal.Device> device = device(name);
        if (device.isEmpty() || !device.get().tenant().equals(tenant)) {
            return Uni.createFrom()
                    .failure(refused(
                            "foreign-certificate",
                            "the certificate is " + name + "'s; devices of tenant " + tenant + " download here"));
        }
        String id = device.get().device();
        return database.inTransaction(tenant, connection -> requireOnRecord(connection, certificate, id)
                .chain(() -> wished.names(connection, id, digest))
                .map(named -> {
                    if (!named) {
                        throw refused(
                                "not-wished",
                                "the desired state of device " + id + " does not name artefact " + digest
                                        + ", and it may have nothing else");
                    }
                    return id;
                }));
    }

    private Uni<Void> requireOnRecord(SqlConnection connection, X509Certificate certificate, String device) {
        String serial = certificate.getSerialNumber().toString(16);
        return certificates
                .bySerial(connection, serial)
                .invoke(found -> {
                    IssuedCertificate issued = found.filter(c -> c.device().equals(device))
                            .orElseThrow(() -> refused(
                                    "certificate-unknown",
                                    "certificate " + serial + " of device " + device
                                            + " is not on record here; enrol the device with a new claim"));
                    if (issued.revokedAt().isPresent()) {
                        throw refused(
                                "certificate-revoked",
                                "certificate " + serial + " of device " + device + " was revoked at "
                                        + issued.revokedAt().get() + "; ask an operator for a new claim");
                    }
                    if (!clock.instant().isBefore(issued.notAfter())) {
                        throw refused(
                                "certificate-ended",
                                "certificate " + serial + " of device " + device + " ended at " + issued.notAfter()
                                        + "; the device asks for another by itself, and an admin decides");
                    }
                })
                .replaceWithVoid();
    }

    private static Optional<Principal.Device> device(String name) {
        try {
            return name.startsWith(COMMON_NAME)
                            && Principal.parse(name.substring(COMMON_NAME.length())) instanceof Principal.Device device
                    ? Optional.of(device)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.debugf("a certificate of nobody's: %s", e.getMessage());
            return Optional.empty();
        }
    }

    /** Stands in the log alone: a device that was put out asks again and again, and would fill the audit log. */
    private static ProblemException refused(String kind, String why) {
        LOG.warnf("download refused: %s", why);
        return new ProblemException(403, kind, "Not allowed", why);
    }
}
