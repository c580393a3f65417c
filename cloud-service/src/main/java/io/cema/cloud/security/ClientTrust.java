package io.cema.cloud.security;

import io.cema.protocol.tls.MomentTrust;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts clients with a certificate of one authority that is good by the service's clock, whatever the machine's shows. */
final class ClientTrust extends X509ExtendedTrustManager {
    private final KeyStore authorities;
    private final Clock clock;
    private final X509Certificate authority;

    ClientTrust(X509Certificate authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
        try {
            this.authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("authority", authority);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot keep a certificate", e);
        }
    }

    private X509ExtendedTrustManager now() throws CertificateException {
        try {
            return MomentTrust.at(authorities, clock.instant());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("this Java cannot check a certificate", e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        now().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        now().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        now().checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw noClient();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw noClient();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw noClient();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[] {authority};
    }

    private static CertificateException noClient() {
        return new CertificateException("this is a server: it connects to nobody");
    }
}
