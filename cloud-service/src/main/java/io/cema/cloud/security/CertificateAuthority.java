package io.cema.cloud.security;

import io.cema.protocol.model.Digests;
import io.cema.protocol.signature.SignedLines;
import io.cema.protocol.topic.UpdateReaders;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Issues the platform's certificates, and signs its lists for brokers. Keeps no record: who asks it must. Its own certificate signs
 * leaves alone. Thread-safe; each issue takes well below a millisecond.
 */
public final class CertificateAuthority {
    /** Certificates begin this much before now, for devices whose clock is late. */
    static final Duration BACKDATED = Duration.ofHours(1);

    private static final Duration OWN_VALIDITY = Duration.ofDays(3650);
    private static final int SERIAL_BITS = 127;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Clock clock;

    /** A revoked certificate. */
    public record Revoked(BigInteger serial, Instant at) {}

    /** @throws IllegalArgumentException if the key is not the certificate's, or the certificate no authority's */
    CertificateAuthority(X509Certificate certificate, PrivateKey key, Clock clock) {
        this.certificate = certificate;
        this.key = key;
        this.clock = clock;
        if (certificate.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(
                    "certificate " + certificate.getSubjectX500Principal() + " is no authority's (basic constraints)");
        }
        requirePair();
    }

    /** A new one. Its name carries its key's digest, so that two authorities never look the same. */
    public static CertificateAuthority create(Clock clock) {
        KeyPair pair = EllipticKeys.generate();
        String id = HexFormat.of().formatHex(Digests.sha256(pair.getPublic().getEncoded()), 0, 4);
        X500Name name = CertificateNames.common("CEMA authority " + id);
        Instant now = clock.instant();
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            name,
                            newSerial(),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(OWN_VALIDITY)),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(signed(builder, pair.getPrivate()), pair.getPrivate(), clock);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("this Java cannot make a certificate authority", e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** Its certificate in PEM. */
    public String pem() {
        return PemFiles.certificate(certificate);
    }

    PrivateKey key() {
        return key;
    }

    /** SHA-256 of its certificate, 64 hex digits. */
    public String fingerprint() {
        return fingerprint(certificate);
    }

    static String fingerprint(X509Certificate certificate) {
        try {
            return Digests.hex(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate to connect with. It ends no later than the authority's own. */
    public X509Certificate issueClient(String commonName, PublicKey subject, Duration validity) {
        return issue(commonName, subject, backdated(), validity, KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /**
     * As {@link #issueClient}, for the platform itself. Like {@link #issueServer} it begins with the authority: both are made at
     * a start, when the machine's clock is all there is, and one that is ahead must not lock everybody out once it is set.
     */
    public X509Certificate issueService(String commonName, PublicKey subject, Duration validity) {
        return issue(commonName, subject, beginning(), validity, KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /** @param names host names and addresses it is reached by */
    public X509Certificate issueServer(List<String> names, PublicKey subject, Duration validity) {
        return issue(names.get(0), subject, beginning(), validity, KeyPurposeId.id_kp_serverAuth, names);
    }

    /** The list in DER. Who reads it should stop trusting it after {@code validity}. */
    public byte[] revocationList(Collection<Revoked> revoked, Duration validity) {
        Instant now = clock.instant();
        try {
            X509v2CRLBuilder builder =
                    new X509v2CRLBuilder(new JcaX509CertificateHolder(certificate).getSubject(), Date.from(now));
            builder.setNextUpdate(Date.from(now.plus(validity)));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(now.toEpochMilli())));
            for (Revoked entry : revoked) {
                builder.addCRLEntry(entry.serial(), Date.from(entry.at()), CRLReason.unspecified);
            }
            return builder.build(new JcaContentSignerBuilder(EllipticKeys.SIGNATURE).build(key))
                    .getEncoded();
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("the revocation list cannot be signed", e);
        }
    }

    /** The list of slots as brokers take it: its lines, and the authority's signature behind them. */
    public String signedSlots(UpdateReaders readers) {
        return SignedLines.sign(UpdateReaders.SIGNED, readers.text(), key);
    }

    private Instant backdated() {
        return clock.instant().minus(BACKDATED);
    }

    private Instant beginning() {
        return certificate.getNotBefore().toInstant();
    }

    private X509Certificate issue(
            String commonName,
            PublicKey subject,
            Instant begin,
            Duration validity,
            KeyPurposeId purpose,
            List<String> names) {
        Instant now = clock.instant();
        Instant end = now.plus(validity);
        Instant last = certificate.getNotAfter().toInstant();
        if (!now.isBefore(last)) {
            throw new IllegalStateException("the certificate authority's own certificate ended at " + last
                    + "; replace it and enrol the devices anew");
        }
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            new JcaX509CertificateHolder(certificate).getSubject(),
                            newSerial(),
                            Date.from(begin),
                            Date.from(end.isBefore(last) ? end : last),
                            CertificateNames.common(commonName),
                            subject)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                    .addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(subject))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, CertificateNames.alternative(names));
            }
            return signed(builder, key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("certificate " + commonName + " cannot be signed", e);
        }
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(EllipticKeys.SIGNATURE).build(key)));
    }

    private void requirePair() {
        byte[] probe = certificate.getSubjectX500Principal().getEncoded();
        try {
            Signature signature = Signature.getInstance(EllipticKeys.SIGNATURE);
            signature.initSign(key);
            signature.update(probe);
            byte[] made = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            if (signature.verify(made)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the authority's key is no elliptic curve key for its certificate", e);
        }
        throw new IllegalArgumentException(
                "the authority's key does not belong to certificate " + certificate.getSubjectX500Principal());
    }

    private static BigInteger newSerial() {
        return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1); // the top bit: all of one length
    }
}
