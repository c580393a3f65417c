package io.cema.ops.access;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/**
 * The authority's revocation list, from a file that is read again when it was replaced. A list that cannot be read or is
 * not the authority's does not take the place of a good one; without a good one, or when it is out of date, nobody is
 * accepted. Thread-safe.
 */
final class Revocations {
    private final KeptFile<X509CRL> list;
    private final Clock clock;

    Revocations(Path authorityFile, Path listFile, Clock clock) {
        AuthorityFile authority = new AuthorityFile(authorityFile);
        this.list = new KeptFile<>("revocation list", listFile, "nobody is let in", bytes -> {
            X509CRL read =
                    (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(bytes));
            read.verify(authority.key());
            return read;
        });
        this.clock = clock;
    }

    /** As {@link KeptFile#refresh}. */
    void refresh() {
        list.refresh();
    }

    /** Why that certificate is not accepted now; empty if it is. The TLS listener has checked who issued it. */
    Optional<String> objection(X509Certificate certificate) {
        if (list.content().isEmpty()) {
            return Optional.of("there is no readable revocation list");
        }
        X509CRL current = list.content().get();
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
        return list.content().filter(current -> current.isRevoked(certificate)).isPresent();
    }
}
