package io.cema.cloud.security;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.fleet.DeviceAdmission;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.enrolment.ClaimToken;
import io.cema.protocol.topic.Principal;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Gives devices their certificates: the first for a claim, the next for the present one. Asking twice gives the same
 * certificate, so an answer may be lost. Why a device was refused stands in the log and not in the answer.
 */
@ApplicationScoped
class Enrolment {
    private static final Logger LOG = Logger.getLogger(Enrolment.class);

    private final TenantDatabase database;
    private final PlatformAuthority platform;
    private final Claims claims;
    private final Certificates certificates;
    private final DeviceAdmission admission;
    private final ReEnrolments reEnrolments;
    private final AuditLog audit;
    private final ServiceClock clock;
    private final Duration validity;

    /** What a device gets that asks anew: its certificate, or word that it has to wait. */
    record Again(Optional<IssuedCertificate> certificate, Optional<ReEnrolment> request) {}

    Enrolment(
            TenantDatabase database,
            PlatformAuthority platform,
            Claims claims,
            Certificates certificates,
            DeviceAdmission admission,
            ReEnrolments reEnrolments,
            AuditLog audit,
            ServiceClock clock,
            SecuritySettings settings) {
        this.database = database;
        this.platform = platform;
        this.claims = claims;
        this.certificates = certificates;
        this.admission = admission;
        this.reEnrolments = reEnrolments;
        this.audit = audit;
        this.clock = clock;
        this.validity = settings.certificateValidity();
    }

    /**
     * The certificate for a claim. Revokes what the device had under other claims: it was set up anew.
     *
     * @param caller who came with it, for the audit log
     * @throws ProblemException 403 if the claim does not hold, 409 if it is bound to another key, 422 for a wrong request
     */
    Uni<IssuedCertificate> enrol(String tenant, ClaimToken token, CertificateRequest request, Actor caller) {
        return database.inTransaction(
                tenant, connection -> claims.present(connection, token).chain(found -> {
                    Claims.Presented presented =
                            found.orElseThrow(() -> refused("a claim that does not exist, or was withdrawn"));
                    request.requireName(name(tenant, presented.claim().device()).commonName());
                    return presented.keyHash().isPresent()
                            ? again(connection, presented, request)
                            : first(connection, tenant, presented.claim(), request, caller);
                }));
    }

    private Uni<IssuedCertificate> first(
            SqlConnection connection, String tenant, Claim claim, CertificateRequest request, Actor caller) {
        if (!clock.instant().isBefore(claim.expiry())) {
            throw refused("claim " + claim.id() + " of device " + claim.device() + " expired at " + claim.expiry());
        }
        byte[] hash = IssuedCertificate.hash(request.key());
        return certificates
                .revoke(connection, claim.device(), "enrolled anew with claim " + claim.id())
                .chain(() -> admission.admit(connection, claim.device(), claim.cohort()))
                .map(generation -> issue(tenant, claim.device(), generation, request))
                .call(issued -> certificates.insert(connection, issued, hash))
                .call(issued -> claims.use(connection, claim.id(), hash, issued.serial()))
                .call(() -> record(connection, caller, "ENROL", claim.device(), 201))
                .invoke(issued -> LOG.infof(
                        "device %s enrolled with claim %s: certificate %s until %s",
                        issued.device(), claim.id(), issued.serial(), issued.notAfter()));
    }

    private Uni<IssuedCertificate> again(
            SqlConnection connection, Claims.Presented presented, CertificateRequest request) {
        Claim claim = presented.claim();
        if (!Arrays.equals(presented.keyHash().orElseThrow(), IssuedCertificate.hash(request.key()))) {
            LOG.warnf("claim %s of device %s came again with another key", claim.id(), claim.device());
            throw ProblemException.conflict("the claim was used with another key at "
                    + claim.usedAt().orElseThrow() + "; if that was not this device, revoke its certificate. Ask an"
                    + " operator for a new claim");
        }
        return certificates.bySerial(connection, claim.serial().orElseThrow()).map(found -> found.filter(
                        c -> c.revokedAt().isEmpty())
                .orElseThrow(() -> refused(
                        "claim " + claim.id() + " of device " + claim.device() + ", whose certificate is revoked")));
    }

    /**
     * The certificate that follows the one the device has for the request's key: a new one in its last third, else the
     * same again.
     *
     * @param caller who asks, for the audit log
     * @throws ProblemException 403 if the device has none for that key, or it is revoked or at its end
     */
    Uni<IssuedCertificate> renew(String tenant, String device, CertificateRequest request, Actor caller) {
        request.requireName(name(tenant, device).commonName());
        byte[] hash = IssuedCertificate.hash(request.key());
        return database.inTransaction(
                tenant,
                connection -> certificates.validForKey(connection, device, hash).chain(found -> {
                    IssuedCertificate present = found.orElseThrow(() -> refused("renewal for device " + device
                            + " without a valid" + " certificate for the request's key"));
                    if (!present.due(clock.instant())) {
                        return Uni.createFrom().item(present);
                    }
                    IssuedCertificate next = issue(tenant, device, present.generation(), request);
                    LOG.infof("device %s renewed its certificate: %s until %s", device, next.serial(), next.notAfter());
                    return certificates
                            .insert(connection, next, hash)
                            .chain(() -> record(connection, caller, "RENEW", device, 200))
                            .replaceWith(next);
                }));
    }

    /**
     * For a device whose certificate ran out: the next one if an admin has approved, else it waits. The device keeps its key
     * and its generation: it is the one it was.
     *
     * @param caller who asks, for the audit log
     * @throws ProblemException 403 if the device's newest certificate is not of that key, or revoked, or the request denied
     */
    Uni<Again> reEnrol(String tenant, String device, CertificateRequest request, Actor caller) {
        request.requireName(name(tenant, device).commonName());
        byte[] hash = IssuedCertificate.hash(request.key());
        return database.inTransaction(
                tenant,
                connection -> certificates.newestOfKey(connection, device, hash).chain(found -> {
                    IssuedCertificate last = found.filter(c -> c.revokedAt().isEmpty())
                            .orElseThrow(() -> refused("re-enrolment of device " + device
                                    + " without a certificate for the request's key, or with a revoked one"));
                    return clock.instant().isBefore(last.notAfter())
                            ? Uni.createFrom().item(new Again(Optional.of(last), Optional.empty()))
                            : decided(connection, tenant, last, request, caller);
                }));
    }

    private Uni<Again> decided(
            SqlConnection connection, String tenant, IssuedCertificate last, CertificateRequest request, Actor caller) {
        return reEnrolments.of(connection, last).chain(asked -> switch (asked.state()) {
            case PENDING -> Uni.createFrom().item(new Again(Optional.empty(), Optional.of(asked)));
            case APPROVED -> {
                IssuedCertificate next = issue(tenant, last.device(), last.generation(), request);
                LOG.infof(
                        "device %s re-enrolled by %s: certificate %s until %s",
                        last.device(), asked.decidedBy().orElse("nobody"), next.serial(), next.notAfter());
                yield certificates
                        .insert(connection, next, IssuedCertificate.hash(request.key()))
                        .chain(() -> reEnrolments.issued(connection, asked.id(), next.serial()))
                        .chain(() -> record(connection, caller, "RE-ENROL", last.device(), 200))
                        .replaceWith(new Again(Optional.of(next), Optional.empty()));
            }
            default ->
                throw refused("re-enrolment " + asked.id() + " of device " + last.device() + " is " + asked.state());
        });
    }

    /** Fails with 404 if the device never had a certificate. Revoking twice changes nothing. */
    Uni<Void> revoke(String tenant, String device) {
        return database.inTransaction(tenant, connection -> certificates
                .newest(connection, device)
                .invoke(newest -> newest.orElseThrow(() -> missing(device)))
                .chain(() -> claims.withdrawOpen(connection, device))
                .chain(() -> certificates.revoke(connection, device, "revoked by an operator"))
                .invoke(count -> LOG.infof("device %s: %d certificates revoked", device, count))
                .replaceWithVoid());
    }

    /** Fails with 404. */
    Uni<IssuedCertificate> find(String tenant, String device) {
        return database.inTransaction(tenant, connection -> certificates.newest(connection, device))
                .map(newest -> newest.orElseThrow(() -> missing(device)));
    }

    private Uni<Void> record(SqlConnection connection, Actor caller, String operation, String device, int status) {
        return audit.record(
                connection, caller.asDevice(device), operation, "/api/v1/devices/" + device + "/certificate", status);
    }

    private IssuedCertificate issue(String tenant, String device, long generation, CertificateRequest request) {
        return IssuedCertificate.of(
                device,
                generation,
                platform.authority().issueClient(name(tenant, device).commonName(), request.key(), validity));
    }

    private static Principal.Device name(String tenant, String device) {
        return new Principal.Device(tenant, device);
    }

    private static ProblemException missing(String device) {
        return ProblemException.notFound("device " + device + " has no certificate");
    }

    /** One answer for all: who tries claims learns nothing from it. */
    private static ProblemException refused(String why) {
        LOG.warnf("enrolment refused: %s", why);
        return new ProblemException(
                403,
                "enrolment-refused",
                "Enrolment refused",
                "the claim or certificate is not valid, or no longer; ask an operator for a new claim");
    }
}
