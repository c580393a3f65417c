package io.cema.edge.cloud;

import io.cema.protocol.model.Digests;
import io.cema.protocol.tls.PemTls;
import io.cema.protocol.tls.ServerTrust;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server that shows, behind its own certificate, the authority of a known fingerprint: what a claim tells of the
 * cloud. All else is checked as ever, the name too.
 */
final class FingerprintTrust extends ServerTrust {
    private final String fingerprint;
    private final List<Instant> moments;

    /** @param fingerprint SHA-256 of the authority's certificate, 64 hex digits */
    FingerprintTrust(String fingerprint, List<Instant> moments) {
        this.fingerprint = fingerprint;
        this.moments = moments;
    }

    @Override
    protected void check(X509Certificate[] chain, Check check) throws CertificateException {
        check.by(of(chain));
    }

    private X509ExtendedTrustManager of(X509Certificate[] chain) throws CertificateException {
        try {
            for (X509Certificate certificate : chain) {
                if (sha256(certificate).equals(fingerprint)) {
                    return (X509ExtendedTrustManager)
                            PemTls.trust(List.of(certificate), moments).getTrustManagers()[0];
                }
            }
            throw new UnknownAuthorityException("its certificate is of authority "
                    + sha256(chain[chain.length - 1]) + ", the claim names " + fingerprint
                    + ": this is not the cloud that made the claim");
        } catch (GeneralSecurityException | IOException e) {
            throw e instanceof CertificateException known ? known : new CertificateException(e);
        }
    }

    private static String sha256(X509Certificate certificate) throws GeneralSecurityException {
        return Digests.hex(certificate.getEncoded());
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    /** The server belongs to somebody else. */
    static final class UnknownAuthorityException extends CertificateException {
        UnknownAuthorityException(String message) {
            super(message);
        }
    }
}
