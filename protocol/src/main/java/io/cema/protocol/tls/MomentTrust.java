package io.cema.protocol.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server whose certificate is good at one of some moments, rather than now by the machine's clock: a device without
 * a battery does not know what time it is before it is connected. All else is checked as ever, by the platform.
 */
public final class MomentTrust extends ServerTrust {
    private final List<X509ExtendedTrustManager> atMoments;

    private MomentTrust(List<X509ExtendedTrustManager> atMoments) {
        this.atMoments = atMoments;
    }

    /** @param moments at least one */
    public static TrustManagerFactory factory(KeyStore authorities, List<Instant> moments)
            throws GeneralSecurityException {
        List<X509ExtendedTrustManager> managers = new ArrayList<>();
        for (Instant moment : moments) {
            managers.add(at(authorities, moment));
        }
        return new Factory(new MomentTrust(managers));
    }

    /** The platform's own check of servers and clients, as if it were then. */
    public static X509ExtendedTrustManager at(KeyStore authorities, Instant moment) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(authorities, new X509CertSelector());
        parameters.setRevocationEnabled(false); // as the platform's default has it
        parameters.setDate(Date.from(moment));
        TrustManagerFactory platform = TrustManagerFactory.getInstance("PKIX");
        platform.init(new CertPathTrustManagerParameters(parameters));
        return (X509ExtendedTrustManager) platform.getTrustManagers()[0];
    }

    @Override
    protected void check(X509Certificate[] chain, Check check) throws CertificateException {
        CertificateException last = new CertificateException("there is no moment to check at");
        for (X509ExtendedTrustManager manager : atMoments) {
            try {
                check.by(manager);
                return;
            } catch (CertificateException e) {
                last = e;
            }
        }
        throw last;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return atMoments.get(0).getAcceptedIssuers();
    }

    /** One trust manager, however it is asked for. */
    private static final class Factory extends TrustManagerFactory {
        Factory(TrustManager only) {
            super(
                    new TrustManagerFactorySpi() {
                        @Override
                        protected void engineInit(KeyStore store) {
                            // made ready before
                        }

                        @Override
                        protected void engineInit(ManagerFactoryParameters parameters) {
                            // made ready before
                        }

                        @Override
                        protected TrustManager[] engineGetTrustManagers() {
                            return new TrustManager[] {only};
                        }
                    },
                    null,
                    TrustManagerFactory.getDefaultAlgorithm());
        }
    }
}
