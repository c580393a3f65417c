package io.cema.ops.stack;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;

/**
 * What a TLS listener with client certificates is made of: the folder of the cloud service's certificate authority. The
 * broker wants key stores; they are made anew at each start, with a password nobody keeps.
 *
 * @param wantedPort 0 for any free one
 * @param authority holds {@code authority.pem}, {@code revoked.pem}, {@code broker.pem} and {@code broker.key}
 * @param only whether there is no anonymous listener beside it
 */
record SecureListener(int wantedPort, Path authority, boolean only) {
    private static final String BROKER_KEY = "broker.key";
    private static final List<String> FILES = List.of("authority.pem", "revoked.pem", "broker.pem", BROKER_KEY);
    private static final String LISTENER =
            """
                    <tls-tcp-listener>
                        <port>@port@</port>
                        <bind-address>@bind-address@</bind-address>
                        <name>certificates</name>
                        <tls>
                            <keystore>
                                <path>@keys@</path>
                                <password>@password@</password>
                                <private-key-password>@password@</private-key-password>
                            </keystore>
                            <truststore>
                                <path>@trust@</path>
                                <password>@password@</password>
                            </truststore>
                            <protocols>
                                <protocol>TLSv1.3</protocol>
                                <protocol>TLSv1.2</protocol>
                            </protocols>
                            <client-authentication-mode>REQUIRED</client-authentication-mode>
                        </tls>
                    </tls-tcp-listener>
            """;

    /** Whether all it is made of is there. */
    boolean complete() {
        return FILES.stream().allMatch(name -> Files.isReadable(authority.resolve(name)));
    }

    /**
     * Makes the key stores, and the settings of the access extension.
     *
     * @param configuration the broker's folder of settings, readable by its owner alone
     * @return the listener for the broker's settings
     * @throws StackException naming the file that is missing or wrong
     */
    String prepare(Path configuration, int port) throws IOException {
        for (String name : FILES) {
            if (!Files.isReadable(authority.resolve(name))) {
                throw new StackException(
                        "the TLS listener needs " + authority.resolve(name)
                                + "; start the cloud service once with cema.security.enabled=true, and give its folder ca with --ca");
            }
        }
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        try {
            KeyStore keys = empty();
            keys.setKeyEntry(
                    "broker",
                    privateKey(),
                    password.toCharArray(),
                    certificates("broker.pem").toArray(Certificate[]::new));
            KeyStore trust = empty();
            trust.setCertificateEntry("authority", certificates("authority.pem").get(0));
            String listener = LISTENER.replace("@port@", Integer.toString(port))
                    .replace("@bind-address@", Ports.LOOPBACK)
                    .replace("@keys@", save(keys, configuration.resolve("keys.p12"), password))
                    .replace("@trust@", save(trust, configuration.resolve("trust.p12"), password))
                    .replace("@password@", password);
            writeSettings(configuration.resolve("access.properties"));
            return listener;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new StackException(
                    "the certificates in " + authority + " cannot be used for the TLS listener: " + e.getMessage(), e);
        }
    }

    /** What an operator wants of the extension may stand in {@code access.properties} beside the authority's files. */
    private void writeSettings(Path file) throws IOException {
        Properties settings = new Properties();
        Path wanted = authority.resolve("access.properties");
        if (Files.exists(wanted)) {
            try (InputStream in = Files.newInputStream(wanted)) {
                settings.load(in);
            }
        }
        settings.setProperty("authority", authority.resolve("authority.pem").toString());
        settings.setProperty("revoked", authority.resolve("revoked.pem").toString());
        settings.setProperty("slots", authority.resolve("slots.acl").toString());
        try (OutputStream out = Files.newOutputStream(file)) {
            settings.store(out, "For the access extension. Written anew at each start");
        }
        System.setProperty("cema.access.settings", file.toString());
    }

    private PrivateKey privateKey() throws IOException, GeneralSecurityException {
        String body = Files.readString(authority.resolve(BROKER_KEY)).replaceAll("-----[^-]*-----|\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    private List<Certificate> certificates(String name) throws IOException, GeneralSecurityException {
        return List.copyOf(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(authority.resolve(name)))));
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static String save(KeyStore store, Path file, String password)
            throws IOException, GeneralSecurityException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
        return file.toString();
    }
}
