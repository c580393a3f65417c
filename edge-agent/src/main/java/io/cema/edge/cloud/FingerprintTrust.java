package io.cema.edge.cloud;

import io.cema.protocol.tls.PemTls;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server that shows, behind its own certificate, the authority of a known fingerprint: what a claim tells of the
 * cloud. All else is checked as ever, the name too.
 */
final class FingerprintTrust extends X509ExtendedTrustManager {
    private final String fingerprint;
    private final List<Instant> moments;

    /** @param fingerprint SHA-256 of the authority's certificate, 64 hex digits */
    FingerprintTrust(String fingerprint, List<Instant> moments) {
        this.fingerprint = fingerprint;
        this.moments = moments;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        of(chain).checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        of(chain).checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        of(chain).checkServerTrusted(chain, type);
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
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw noServer();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException noServer() {
        return new CertificateException("this is a client: nobody connects to it");
    }

    /** The server belongs to somebody else. */
    static final class UnknownAuthorityException extends CertificateException {
        UnknownAuthorityException(String message) {
            super(message);
        }
    }
}
