package io.cema.protocol.signature;

import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;

/**
 * Public keys by key id.
 *
 * @param keys Ed25519 keys
 */
public record TrustedKeys(Map<String, PublicKey> keys) {
    public TrustedKeys {
        keys = Map.copyOf(keys);
    }

    public Optional<PublicKey> find(String keyId) {
        return Optional.ofNullable(keys.get(keyId));
    }

    /** Reads one PEM "PUBLIC KEY" file; the key id is {@link SigningKey#idOf(PublicKey)}. */
    public static TrustedKeys fromPem(Path file) {
        throw new UnsupportedOperationException("protocol room");
    }
}
