package io.cema.cloud.security;

import io.cema.protocol.model.Digests;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * A device's certificate on record.
 *
 * @param generation how often the device was enrolled when it was issued
 * @param der the certificate itself
 */
record IssuedCertificate(
        String serial,
        String device,
        long generation,
        byte[] der,
        Instant notBefore,
        Instant notAfter,
        Optional<Instant> revokedAt) {
    static IssuedCertificate of(String device, long generation, X509Certificate certificate) {
        try {
            return new IssuedCertificate(
                    certificate.getSerialNumber().toString(16),
                    device,
                    generation,
                    certificate.getEncoded(),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant(),
                    Optional.empty());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was just issued cannot be encoded", e);
        }
    }

    static byte[] hash(PublicKey key) {
        return Digests.sha256(key.getEncoded());
    }

    BigInteger serialNumber() {
        return new BigInteger(serial, 16);
    }

    /** Whether it is in the last third of its time, when a new one is given for it. */
    boolean due(Instant now) {
        long third = (notAfter.getEpochSecond() - notBefore.getEpochSecond()) / 3;
        return now.isAfter(notAfter.minusSeconds(third));
    }

    String pem() {
        return PemFiles.block("CERTIFICATE", der);
    }
}
