package io.cema.protocol.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, by which the platform names and checks what it sends. */
public final class Digests {
    private Digests() {}

    /** The 32 bytes of it. */
    public static byte[] sha256(byte[] content) {
        return newSha256().digest(content);
    }

    /** As the platform writes it: 64 lower-case hex digits. */
    public static String hex(byte[] content) {
        return HexFormat.of().formatHex(sha256(content));
    }

    /** Of nothing yet, for content that comes in parts; of one thread. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
