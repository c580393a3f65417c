package io.cema.ops.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority's revocation list, from a file that is read again when it was replaced. A list that cannot be read or is
 * not the authority's does not take the place of a good one; without a good one, or when it is out of date, nobody is
 * accepted. Thread-safe.
 */
final class Revocations {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    private final Path authorityFile;
    private final Path listFile;
    private final Clock clock;
    private volatile X509CRL list;
    private String seen = "";
    private String lastProblem = "";

    Revocations(Path authorityFile, Path listFile, Clock clock) {
        this.authorityFile = authorityFile;
        this.listFile = listFile;
        this.clock = clock;
    }

    /** Reads the file if it is another one than at the last call; says a problem once. Short file I/O. */
    synchronized void refresh() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(listFile, BasicFileAttributes.class);
            String now = attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
            if (now.equals(seen) && list != null) {
                return;
            }
            X509CRL read = (X509CRL) factory().generateCRL(new ByteArrayInputStream(Files.readAllBytes(listFile)));
            X509Certificate authority = (X509Certificate)
                    factory().generateCertificate(new ByteArrayInputStream(Files.readAllBytes(authorityFile)));
            read.verify(authority.getPublicKey());
            list = read;
            seen = now;
            lastProblem = "";
        } catch (IOException | GeneralSecurityException e) {
            String problem = e.toString();
            if (!problem.equals(lastProblem)) {
                LOG.error(
                        "revocation list {} of authority {} cannot be used, {}: {}",
                        listFile,
                        authorityFile,
                        list == null ? "nobody is let in" : "the one before stays in force",
                        problem);
                lastProblem = problem;
            }
        }
    }

    /** Why that certificate is not accepted now; empty if it is. The TLS listener has checked who issued it. */
    Optional<String> objection(X509Certificate certificate) {
        X509CRL current = list;
        if (current == null) {
            return Optional.of("there is no readable revocation list");
        }
        if (current.getNextUpdate() == null
                || clock.instant().isAfter(current.getNextUpdate().toInstant())) {
            return Optional.of("the revocation list is out of date since " + current.getNextUpdate());
        }
        if (!Objects.equals(current.getIssuerX500Principal(), certificate.getIssuerX500Principal())) {
            return Optional.of("its issuer is not the one of the revocation list");
        }
        if (clock.instant().isAfter(certificate.getNotAfter().toInstant())) {
            return Optional.of("it ended at " + certificate.getNotAfter().toInstant());
        }
        return current.isRevoked(certificate) ? Optional.of("it is revoked") : Optional.empty();
    }

    /** Whether a good list names it; unlike {@link #objection}, never for want of a list. */
    boolean revoked(X509Certificate certificate) {
        X509CRL current = list;
        return current != null && current.isRevoked(certificate);
    }

    private static CertificateFactory factory() throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509");
    }
}
