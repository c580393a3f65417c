package io.cema.edge.enrolment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.cloud.ClientCertificate;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.model.Digests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The device's certificate on disk. The record is written last: with it everything is there.
 *
 * @param folder holds key, certificate and authority in PEM
 * @param generation how often the device was enrolled, as the cloud counts
 * @param claim SHA-256 of the claim it came for, so that a new one is noticed
 */
public record DeviceCertificate(Path folder, long generation, String claim) {
    private static final String RECORD = "enrolment.json";

    /** What the record file holds. */
    private record Stored(long generation, String claim) {}

    /** What an earlier enrolment left in that folder. */
    public static Optional<DeviceCertificate> stored(Path folder) throws IOException {
        Path file = folder.resolve(RECORD);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Stored stored;
        try {
            stored = new ObjectMapper().readValue(file.toFile(), Stored.class);
        } catch (JacksonException e) {
            throw new IOException(file + " is damaged; remove it and enrol the device anew with another claim", e);
        }
        return Optional.of(new DeviceCertificate(folder, stored.generation(), stored.claim()));
    }

    static Path keyFile(Path folder) {
        return folder.resolve("device.key");
    }

    public Path key() {
        return keyFile(folder);
    }

    /** The device's certificate with the authority's behind it. */
    public Path chain() {
        return folder.resolve("device.pem");
    }

    public Path authority() {
        return folder.resolve("authority.pem");
    }

    /** To show over HTTP. */
    public ClientCertificate forClient() {
        return new ClientCertificate(authority(), chain(), key());
    }

    /** Writes what the cloud gave, checked before. */
    static DeviceCertificate save(Path folder, CertificateClient.Given given, String claim) throws IOException {
        DeviceCertificate saved = new DeviceCertificate(folder, given.generation(), claim);
        DurableFile.write(saved.authority(), bytes(given.authority()));
        DurableFile.write(saved.chain(), bytes(given.certificate() + given.authority()));
        DurableFile.write(
                folder.resolve(RECORD), new ObjectMapper().writeValueAsBytes(new Stored(given.generation(), claim)));
        return saved;
    }

    /** Whether it is in the last third of its time. */
    boolean due(Instant now) throws IOException {
        X509Certificate own = parse(Files.readString(chain()));
        Instant end = own.getNotAfter().toInstant();
        return now.isAfter(
                end.minus(Duration.between(own.getNotBefore().toInstant(), end).dividedBy(3)));
    }

    /** @throws IOException unless the certificate is of that authority, in that name and for that key */
    static void check(CertificateClient.Given given, String commonName, PublicKey key) throws IOException {
        X509Certificate own = parse(given.certificate());
        try {
            own.verify(parse(given.authority()).getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IOException("the cloud gave a certificate that its authority did not sign", e);
        }
        if (!own.getSubjectX500Principal().getName().equals("CN=" + commonName)
                || !own.getPublicKey().equals(key)) {
            throw new IOException("the cloud gave a certificate for " + own.getSubjectX500Principal()
                    + " or for another key; this device is " + commonName);
        }
    }

    static String fingerprint(String pem) throws IOException {
        try {
            return Digests.hex(parse(pem).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException("a certificate cannot be hashed", e);
        }
    }

    private static X509Certificate parse(String pem) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes(pem)));
        } catch (GeneralSecurityException e) {
            throw new IOException("this is no certificate in PEM: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
