package io.cema.ops.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Bytes under a passphrase: AES-256-GCM with a key by PBKDF2-HMAC-SHA-256. Laid out as magic, salt (16), nonce (12),
 * ciphertext with tag.
 */
final class SealedKeys {
    private static final byte[] MAGIC = "CEMAKEY1".getBytes(StandardCharsets.US_ASCII);
    private static final int ITERATIONS = 600_000; // what OWASP asks of PBKDF2-HMAC-SHA-256
    private static final int SALT = 16;
    private static final int NONCE = 12;
    private static final int SHORTEST = 12;

    private SealedKeys() {}

    /** The first line of a file. */
    static char[] passphrase(Path file) {
        try {
            char[] passphrase =
                    Files.readString(file).lines().findFirst().orElse("").toCharArray();
            if (passphrase.length < SHORTEST) {
                throw new BackupException("the passphrase in " + file + " has " + passphrase.length
                        + " characters; it guards every key of the fleet, take " + SHORTEST + " or more");
            }
            return passphrase;
        } catch (IOException e) {
            throw new BackupException("the passphrase cannot be read from " + file + ": " + e.getMessage(), e);
        }
    }

    static byte[] seal(byte[] content, char[] passphrase) {
        byte[] salt = new byte[SALT];
        byte[] nonce = new byte[NONCE];
        SecureRandom random = new SecureRandom();
        random.nextBytes(salt);
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, passphrase, salt, nonce).doFinal(content);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(MAGIC);
            out.writeBytes(salt);
            out.writeBytes(nonce);
            out.writeBytes(sealed);
            return out.toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot seal the keys", e);
        }
    }

    /** @throws BackupException if the passphrase is another */
    static byte[] open(byte[] sealed, char[] passphrase) {
        if (sealed.length < MAGIC.length + SALT + NONCE
                || !Arrays.equals(MAGIC, 0, MAGIC.length, sealed, 0, MAGIC.length)) {
            throw new BackupException(
                    "the archive's keys are of a kind that this program does not know; restore it with"
                            + " the version of CEMA that made it");
        }
        ByteBuffer bytes = ByteBuffer.wrap(sealed).position(MAGIC.length);
        byte[] salt = new byte[SALT];
        byte[] nonce = new byte[NONCE];
        bytes.get(salt).get(nonce);
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        try {
            return cipher(Cipher.DECRYPT_MODE, passphrase, salt, nonce).doFinal(content);
        } catch (AEADBadTagException e) {
            throw new BackupException("the passphrase does not open the archive's keys; nothing was changed", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot open the keys", e);
        }
    }

    private static Cipher cipher(int mode, char[] passphrase, byte[] salt, byte[] nonce)
            throws GeneralSecurityException {
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(passphrase, salt, ITERATIONS, 256))
                .getEncoded();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(MAGIC);
        return cipher;
    }
}
