package io.cema.edge.enrolment;

import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.CloudException;
import io.cema.protocol.enrolment.ClaimToken;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Sees to the device's certificate: enrols with a claim that was not used yet, renews in the last third. Whoever connects
 * reads the files anew, so a renewal needs no restart. One thread, its own.
 */
public final class Enrolment implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Enrolment.class);
    private static final int TRIES = 5;
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofMinutes(10);
    private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

    private final Path folder;
    private final Principal.Device principal;
    private final Optional<ClaimToken> claim;
    private final CertificateClient cloud;
    private final Clock clock;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-enrolment");

    /** @param claim what an operator gave; absent when the device was enrolled before, or never is */
    public Enrolment(
            Path folder, String tenant, String device, Optional<ClaimToken> claim, CloudConnection cloud, Clock clock) {
        this.folder = folder;
        this.principal = new Principal.Device(tenant, device);
        this.claim = claim;
        this.cloud = new CertificateClient(cloud);
        this.clock = clock;
    }

    /**
     * Enrols if there is a claim that was not used yet; tries for some seconds. A device that has a certificate goes on
     * with it when that fails.
     *
     * @throws IOException if it fails and there is none
     */
    public void ensure() throws IOException, InterruptedException {
        for (int left = TRIES - 1; newClaim().isPresent(); left--) {
            try {
                enrol(newClaim().orElseThrow());
            } catch (IOException e) {
                if (left == 0 || e instanceof EnrolmentRefusedException || e instanceof CloudException) {
                    if (DeviceCertificate.stored(folder).isEmpty()) {
                        throw new IOException("cema.enrol.claim: the device could not enrol: " + describe(e), e);
                    }
                    LOG.errorf("the device keeps its certificate, the new claim did not work: %s", describe(e));
                    return;
                }
                LOG.warnf("enrolment failed, trying again: %s", describe(e));
                Thread.sleep(BETWEEN_TRIES.toMillis());
            }
        }
    }

    /**
     * Looks after the certificate from now on. One that ran out without the device's knowing, because its clock is wrong,
     * shows in that the broker cannot be reached.
     *
     * @param connected whether there is a session with the broker
     */
    public void start(BooleanSupplier connected) {
        timer.execute(() -> look(connected, false));
    }

    private void look(BooleanSupplier connected, boolean wasOffline) {
        Duration next = LOOK;
        boolean offline = !connected.getAsBoolean();
        try {
            Optional<DeviceCertificate> stored = DeviceCertificate.stored(folder);
            if (stored.isPresent() && (stored.get().due(latest()) || offline && wasOffline)) {
                next = renew(stored.get()) ? LOOK : ASK_AGAIN;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("the certificate is not renewed, trying again in %s: %s", next, describe(e));
        }
        try {
            timer.schedule(() -> look(connected, offline), next.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    /** Too early does no harm here: the cloud judges by its own clock. */
    private Instant latest() {
        Instant machine = Instant.now();
        return machine.isAfter(clock.instant()) ? machine : clock.instant();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private Optional<ClaimToken> newClaim() throws IOException {
        Optional<DeviceCertificate> stored = DeviceCertificate.stored(folder);
        return claim.filter(c -> stored.isEmpty() || !stored.get().claim().equals(hash(c)));
    }

    /** Once, whether or not it was used before. */
    void enrol(ClaimToken token) throws IOException, InterruptedException {
        KeyPair pair = DeviceKey.loadOrCreate(DeviceCertificate.keyFile(folder));
        CertificateClient.Given given = cloud.enrol(token, CertificateRequest.create(principal.commonName(), pair));
        String authority = DeviceCertificate.fingerprint(given.authority());
        if (!authority.equals(token.fingerprint())) {
            throw new EnrolmentRefusedException("the cloud's certificate authority is " + authority
                    + ", the claim names " + token.fingerprint() + ": this is not the cloud that made the claim");
        }
        DeviceCertificate.check(given, principal.commonName(), pair.getPublic());
        DeviceCertificate.save(folder, given, hash(token));
        LOG.infof("enrolled as %s, generation %d", principal.commonName(), given.generation());
    }

    /**
     * Gets the certificate that follows, or asks an operator for it by way of the cloud if the present one is at its end.
     *
     * @return false if an operator has to decide
     */
    boolean renew(DeviceCertificate present) throws IOException, InterruptedException {
        KeyPair pair = DeviceKey.loadOrCreate(present.key());
        String request = CertificateRequest.create(principal.commonName(), pair);
        CertificateClient.Given given;
        try {
            given = cloud.renew(present.authority(), principal.device(), request);
        } catch (EnrolmentRefusedException e) {
            LOG.warnf("the certificate cannot be renewed (%s), asking for another", describe(e));
            Optional<CertificateClient.Given> another = cloud.reEnrol(present.authority(), principal.device(), request);
            if (another.isEmpty()) {
                LOG.warnf("an operator has to approve the re-enrolment of %s", principal.commonName());
                return false;
            }
            given = another.get();
        }
        if (Files.readString(present.chain()).startsWith(given.certificate())) {
            return true;
        }
        // The authority is the one known: its word is what makes the new certificate good.
        CertificateClient.Given trusted = new CertificateClient.Given(
                given.certificate(), Files.readString(present.authority()), present.generation());
        DeviceCertificate.check(trusted, principal.commonName(), pair.getPublic());
        DeviceCertificate.save(folder, trusted, present.claim());
        LOG.infof("certificate of %s renewed", principal.commonName());
        return true;
    }

    private static String hash(ClaimToken token) {
        return HexFormat.of().formatHex(token.secretHash());
    }

    private static String describe(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
