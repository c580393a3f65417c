package io.cema.cloud.security;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A device's key, and the requests it makes with it. */
final class TestKey {
    private final KeyPair pair;

    private TestKey(KeyPair pair) {
        this.pair = pair;
    }

    static TestKey create() {
        return new TestKey(EllipticKeys.generate());
    }

    static TestKey rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return new TestKey(generator.generateKeyPair());
    }

    PublicKey publicKey() {
        return pair.getPublic();
    }

    /** A TLS client that shows this certificate, whoever the server asks for, and trusts that authority. */
    SSLContext client(X509Certificate own, X509Certificate authority) throws GeneralSecurityException, IOException {
        return context(new KeyManager[] {showing(own)}, authority);
    }

    /** One that shows none. */
    static SSLContext anonymous(X509Certificate authority) throws GeneralSecurityException, IOException {
        return context(new KeyManager[0], authority);
    }

    private static SSLContext context(KeyManager[] own, X509Certificate authority)
            throws GeneralSecurityException, IOException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("authority", authority);
        TrustManagerFactory trusting = TrustManagerFactory.getInstance("PKIX");
        trusting.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, trusting.getTrustManagers(), null);
        return context;
    }

    private X509ExtendedKeyManager showing(X509Certificate own) {
        return new X509ExtendedKeyManager() {
            @Override
            public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
                return "own";
            }

            @Override
            public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
                return "own";
            }

            @Override
            public String[] getClientAliases(String type, Principal[] issuers) {
                return new String[] {"own"};
            }

            @Override
            public X509Certificate[] getCertificateChain(String alias) {
                return new X509Certificate[] {own};
            }

            @Override
            public PrivateKey getPrivateKey(String alias) {
                return pair.getPrivate();
            }

            @Override
            public String[] getServerAliases(String type, Principal[] issuers) {
                return new String[0];
            }

            @Override
            public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
                return null;
            }
        };
    }

    /** PKCS#10 in PEM. */
    String request(String commonName) {
        return request(commonName, this);
    }

    /** One whose signature was made with another key. */
    String request(String commonName, TestKey signer) {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
        String algorithm = signer.pair.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            return PemFiles.block(
                    "CERTIFICATE REQUEST",
                    new JcaPKCS10CertificationRequestBuilder(name, pair.getPublic())
                            .build(new JcaContentSignerBuilder(algorithm).build(signer.pair.getPrivate()))
                            .getEncoded());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
