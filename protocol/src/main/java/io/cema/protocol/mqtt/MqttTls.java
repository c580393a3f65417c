package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
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

/** Turns PEM files into the client's TLS configuration. Read before every connect, so renewed certificates are used. */
final class MqttTls {
    private static final Pattern PKCS8 = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final char[] NO_PASSWORD = {};

    private MqttTls() {}

    /** @throws IllegalArgumentException naming the file that is missing or wrong */
    static MqttClientSslConfig load(MqttLinkSettings.Tls tls) {
        if (tls.certificate().isPresent() != tls.key().isPresent()) {
            throw new IllegalArgumentException("TLS needs a client's certificate and its key, or neither: certificate "
                    + tls.certificate() + ", key " + tls.key());
        }
        MqttClientSslConfigBuilder builder = MqttClientSslConfig.builder()
                .trustManagerFactory(trust(tls.trust(), tls.moments().get()))
                .protocols(List.of("TLSv1.3", "TLSv1.2"));
        if (!tls.verifyHostname()) {
            builder.hostnameVerifier((host, session) -> true);
        }
        tls.certificate()
                .ifPresent(chain ->
                        builder.keyManagerFactory(identity(chain, tls.key().orElseThrow())));
        return builder.build();
    }

    private static TrustManagerFactory trust(Path file, List<Instant> moments) {
        try {
            KeyStore store = emptyStore();
            int index = 0;
            for (Certificate certificate : certificates(file)) {
                store.setCertificateEntry("ca-" + index++, certificate);
            }
            return MomentTrust.factory(store, moments);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("TLS trust file " + file + " cannot be used: " + e, e);
        }
    }

    private static KeyManagerFactory identity(Path chain, Path key) {
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

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
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
