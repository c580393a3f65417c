package io.cema.cloud.security;

import io.cema.cloud.http.ProblemException;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A certificate request (PKCS#10) whose signature shows that the asker holds the key. Nothing else of it is taken over:
 * the authority alone decides what stands in a certificate.
 */
record CertificateRequest(String commonName, PublicKey key) {
    /** @throws ProblemException 422 naming what is wrong with it */
    static CertificateRequest parse(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (!(parser.readObject() instanceof PKCS10CertificationRequest parsed)) {
                throw refused("there is no \"CERTIFICATE REQUEST\" block in PEM");
            }
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(parsed);
            PublicKey key = request.getPublicKey();
            if (!EllipticKeys.isP256(key)) {
                throw refused("its key is " + key.getAlgorithm() + ", not ECDSA on the curve P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw refused("its signature was not made with its key");
            }
            RDN[] names = request.getSubject().getRDNs(BCStyle.CN);
            if (names.length != 1) {
                throw refused("its subject has " + names.length + " common names, not one");
            }
            return new CertificateRequest(
                    IETFUtils.valueToString(names[0].getFirst().getValue()), key);
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | RuntimeException e) {
            if (e instanceof ProblemException problem) {
                throw problem;
            }
            throw refused("it cannot be read: " + e.getMessage());
        }
    }

    /** Fails with 422 unless it asks for that name. */
    void requireName(String wanted) {
        if (!commonName.equals(wanted)) {
            throw refused("its common name is \"" + commonName + "\", not \"" + wanted + "\"");
        }
    }

    private static ProblemException refused(String why) {
        return ProblemException.unprocessable(
                "certificate-request", "The certificate request is not valid", "certificate request: " + why);
    }
}
