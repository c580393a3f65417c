package io.cema.protocol.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, by which the platform names and checks what it sends. */
public final class Digests {
    private Digests() {}

    /** The 32 bytes of it. */
    public static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** As the platform writes it: 64 lower-case hex digits. */
    public static String hex(byte[] content) {
        return HexFormat.of().formatHex(sha256(content));
    }
}
