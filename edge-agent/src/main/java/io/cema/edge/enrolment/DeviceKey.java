package io.cema.edge.enrolment;

import io.cema.edge.storage.DurableFile;
import io.cema.protocol.signature.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Set;

/** The device's key (ECDSA, P-256) in one PEM file for its owner alone; it never leaves the device. */
final class DeviceKey {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private DeviceKey() {}

    /** @throws IOException if the file is no key, or may be read by others than its owner */
    static KeyPair loadOrCreate(Path file) throws IOException {
        try {
            return Files.exists(file) ? load(file) : create(file);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "device key " + file + " cannot be used (" + e.getMessage()
                            + "); remove it and enrol the device anew with another claim",
                    e);
        }
    }

    private static KeyPair create(Path file) throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Files.createDirectories(file.getParent());
        Path unfinished = file.resolveSibling(file.getFileName() + DurableFile.UNFINISHED);
        Files.deleteIfExists(unfinished);
        Files.createFile(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY)); // DurableFile writes into it
        DurableFile.write(
                file,
                (Pem.block("PRIVATE KEY", pair.getPrivate().getEncoded())
                                + Pem.block("PUBLIC KEY", pair.getPublic().getEncoded()))
                        .getBytes(StandardCharsets.US_ASCII));
        return pair;
    }

    private static KeyPair load(Path file) throws IOException, GeneralSecurityException {
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException("device key " + file + " is open to others: chmod 600 it, and enrol the device anew"
                    + " if it leaked");
        }
        String text = Files.readString(file);
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new KeyPair(
                factory.generatePublic(new X509EncodedKeySpec(block(text, "PUBLIC KEY"))),
                factory.generatePrivate(new PKCS8EncodedKeySpec(block(text, "PRIVATE KEY"))));
    }

    private static byte[] block(String text, String label) {
        return Pem.find(label, text)
                .orElseThrow(() -> new IllegalArgumentException("it has no \"" + label + "\" block"));
    }
}
