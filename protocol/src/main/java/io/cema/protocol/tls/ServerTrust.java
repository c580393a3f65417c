package io.cema.protocol.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** A client's trust in servers: in whatever form TLS asks, the answer is that of managers that {@link #check} chooses. */
public abstract class ServerTrust extends X509ExtendedTrustManager {
    /** The question, to be put to a manager. */
    protected interface Check {
        void by(X509ExtendedTrustManager manager) throws CertificateException;
    }

    /**
     * Puts the question to those who know.
     *
     * @param chain what the server shows
     * @throws CertificateException if it is not trusted
     */
    protected abstract void check(X509Certificate[] chain, Check check) throws CertificateException;

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, engine));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, socket));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type));
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw noServer();
    }

    private static CertificateException noServer() {
        return new CertificateException("this is a client: nobody connects to it");
    }
}
