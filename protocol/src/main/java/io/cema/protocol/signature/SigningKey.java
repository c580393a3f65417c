package io.cema.protocol.signature;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;

/**
 * An Ed25519 key pair with its id.
 *
 * @param id first 16 hex digits of the SHA-256 of the public key's encoding
 */
public record SigningKey(String id, PrivateKey privateKey, PublicKey publicKey) {
    public static SigningKey generate() {
        throw new UnsupportedOperationException("protocol room");
    }

    /**
     * Loads {@code folder/signing-key.pem} (owner-only), or generates it and writes {@code folder/signing-key.pub.pem}
     * beside it. Crash-safe: a half-written key is never used.
     */
    public static SigningKey loadOrCreate(Path folder) {
        throw new UnsupportedOperationException("protocol room");
    }

    public static String idOf(PublicKey key) {
        throw new UnsupportedOperationException("protocol room");
    }
}
