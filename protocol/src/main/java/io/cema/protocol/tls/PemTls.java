package io.cema.protocol.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Turns PEM files into what Java's TLS wants. Reads them each time, so that who asks anew gets renewed certificates. */
public final class PemTls {
    private static final Pattern PKCS8 = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final char[] NO_PASSWORD = {};

    private PemTls() {}

    /**
     * Trust in the authorities of a file.
     *
     * @param moments when it may be now: a certificate must be valid at one of them
     * @throws IllegalArgumentException naming the file if it is missing or wrong
     */
    public static TrustManagerFactory trust(Path file, List<Instant> moments) {
        try {
            return trust(certificates(file), moments);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("TLS trust file " + file + " cannot be used: " + e, e);
        }
    }

    /** Trust in these authorities. */
    public static TrustManagerFactory trust(Collection<? extends Certificate> authorities, List<Instant> moments)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        int index = 0;
        for (Certificate certificate : authorities) {
            store.setCertificateEntry("ca-" + index++, certificate);
        }
        return MomentTrust.factory(store, moments);
    }

    /**
     * A client's own certificate, with its chain, and key.
     *
     * @throws IllegalArgumentException naming the file that is missing or wrong
     */
    public static KeyManagerFactory identity(Path chain, Path key) {
        try {
            KeyStore store = emptyStore();
            store.setKeyEntry(
                    "client", privateKey(key), NO_PASSWORD, certificates(chain).toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "TLS certificate " + chain + " with key " + key + " cannot be used: " + e, e);
        }
    }

    /**
     * The first certificate of a file, whose own it is.
     *
     * @throws IllegalArgumentException naming the file if it is missing or wrong
     */
    public static X509Certificate certificate(Path file) {
        try {
            return certificates(file).iterator().next();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("TLS certificate " + file + " cannot be used: " + e, e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<X509Certificate> certificates(Path file) throws GeneralSecurityException, IOException {
        Collection<X509Certificate> certificates =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("TLS file " + file + " holds no certificate");
        }
        return certificates;
    }

    private static PrivateKey privateKey(Path file) throws GeneralSecurityException, IOException {
        Matcher matcher = PKCS8.matcher(Files.readString(file));
        if (!matcher.find()) {
            throw new IllegalArgumentException("TLS key " + file
                    + " has no \"PRIVATE KEY\" block; convert it with `openssl pkcs8 -topk8 -nocrypt`");
        }
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(
                Base64.getDecoder().decode(matcher.group(1).replaceAll("\\s", "")));
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                continue; // of another algorithm
            }
        }
        throw new IllegalArgumentException("TLS key " + file + " is of none of " + KEY_ALGORITHMS);
    }
}
