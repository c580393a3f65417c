package io.cema.cloud.security;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates, keys and other secrets as PEM (RFC 7468) or text in files that appear whole or not at all. Short file I/O. */
public final class PemFiles {
    private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final Pattern KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final String OWNER_ONLY = "rw-------";

    private PemFiles() {}

    static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + ENCODER.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    static String certificate(X509Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.US_ASCII), "rw-r--r--");
    }

    /** Readable by its owner alone, from its first byte. */
    public static void writeSecret(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.US_ASCII), OWNER_ONLY);
    }

    /** The first certificate of a file. */
    static X509Certificate readCertificate(Path file) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificate in PEM: " + e.getMessage(), e);
        }
    }

    /** A text that nobody but its owner may read. */
    public static String readSecret(Path file) throws IOException {
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (!PosixFilePermissions.fromString("rwx------").containsAll(permissions)) {
                throw new IOException("key " + file + " is open to others ("
                        + PosixFilePermissions.toString(permissions) + "): chmod 600 it, and replace it if it leaked");
            }
        }
        return Files.readString(file);
    }

    /** An EC key in PKCS 8 that nobody but its owner may read. */
    static PrivateKey readKey(Path file) throws IOException {
        Matcher matcher = KEY.matcher(readSecret(file));
        if (!matcher.find()) {
            throw new IOException(
                    "key " + file + " has no \"PRIVATE KEY\" block; convert it with `openssl pkcs8 -topk8 -nocrypt`");
        }
        try {
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(
                            Base64.getDecoder().decode(matcher.group(1).replaceAll("\\s", ""))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("key " + file + " is no elliptic curve key: " + e.getMessage(), e);
        }
    }

    private static void write(Path file, byte[] bytes, String permissions) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part);
        if (Files.getFileStore(part).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions)); // while it is empty
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
