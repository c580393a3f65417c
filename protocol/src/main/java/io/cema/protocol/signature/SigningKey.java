package io.cema.protocol.signature;

import io.cema.protocol.model.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * An Ed25519 key pair with its id.
 *
 * @param id first 16 hex digits of the SHA-256 of the public key's encoding
 */
public record SigningKey(String id, PrivateKey privateKey, PublicKey publicKey) {
    private static final String PRIVATE_FILE = "signing-key.pem";
    private static final String PUBLIC_FILE = "signing-key.pub.pem";
    private static final String ALGORITHM = "Ed25519";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> NOT_OWNER = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    public static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new SigningKey(idOf(pair.getPublic()), pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519", e);
        }
    }

    /**
     * Loads {@code folder/signing-key.pem} (owner-only), or generates it and writes {@code folder/signing-key.pub.pem}
     * beside it. Crash-safe: a half-written key is never used. Processes that do this at the same time get the same
     * key.
     *
     * @throws IllegalStateException if the file is not a key, or may be read by others than its owner
     */
    public static SigningKey loadOrCreate(Path folder) {
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(".signing-key.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Path file = folder.resolve(PRIVATE_FILE);
                SigningKey key;
                if (Files.exists(file)) {
                    key = load(file);
                } else {
                    key = generate();
                    // Both halves in one file: an atomic move then makes all of it appear, or nothing.
                    write(
                            file,
                            Pem.block("PRIVATE KEY", key.privateKey.getEncoded())
                                    + Pem.block("PUBLIC KEY", key.publicKey.getEncoded()),
                            true);
                }
                String publicPem = Pem.block("PUBLIC KEY", key.publicKey.getEncoded());
                Path publicFile = folder.resolve(PUBLIC_FILE);
                if (!Files.exists(publicFile) || !Files.readString(publicFile).equals(publicPem)) {
                    write(publicFile, publicPem, false);
                }
                return key;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("signing key in " + folder + " cannot be read or written", e);
        }
    }

    private static SigningKey load(Path file) throws IOException {
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(NOT_OWNER::contains)) {
                throw new IllegalStateException("signing key " + file + " is open to others ("
                        + PosixFilePermissions.toString(permissions) + "): chmod 600 it, and replace it if it leaked");
            }
        }
        String text = Files.readString(file);
        try {
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(
                    Pem.find("PRIVATE KEY", text).orElseThrow(() -> missing(file, "PRIVATE KEY"))));
            PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(
                    Pem.find("PUBLIC KEY", text).orElseThrow(() -> missing(file, "PUBLIC KEY"))));
            requirePair(file, privateKey, publicKey);
            return new SigningKey(idOf(publicKey), privateKey, publicKey);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "signing key " + file + " is no Ed25519 key in PEM: restore it from a backup, or remove it to make"
                            + " a new one (devices must then be given the new public key)",
                    e);
        }
    }

    private static IllegalArgumentException missing(Path file, String block) {
        return new IllegalArgumentException(file + " has no \"" + block + "\" block");
    }

    private static void requirePair(Path file, PrivateKey privateKey, PublicKey publicKey)
            throws GeneralSecurityException {
        byte[] probe = "cema key check".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(ALGORITHM);
        signer.initSign(privateKey);
        signer.update(probe);
        byte[] signature = signer.sign();
        signer.initVerify(publicKey);
        signer.update(probe);
        if (!signer.verify(signature)) {
            throw new IllegalArgumentException(file + ": its public key does not belong to its private key");
        }
    }

    private static void write(Path file, String text, boolean secret) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part);
        if (secret && Files.getFileStore(part).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(part, OWNER_ONLY); // before there is anything to read
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    public static String idOf(PublicKey key) {
        return HexFormat.of().formatHex(Digests.sha256(key.getEncoded()), 0, 8);
    }

    /** Names the key without its private half. */
    @Override
    public String toString() {
        return "SigningKey[" + id + "]";
    }
}
