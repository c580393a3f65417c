package io.cema.cloud.security;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
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
