package io.cema.protocol.signature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    /**
     * Reads one PEM "PUBLIC KEY" file; the key id is {@link SigningKey#idOf(PublicKey)}.
     *
     * @throws IllegalArgumentException if the file holds no Ed25519 public key
     * @throws UncheckedIOException if it cannot be read
     */
    public static TrustedKeys fromPem(Path file) {
        try {
            byte[] der = Pem.find("PUBLIC KEY", Files.readString(file))
                    .orElseThrow(() -> new IllegalArgumentException("no \"PUBLIC KEY\" block"));
            return of(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "trusted key " + file + " is no Ed25519 public key in PEM: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("trusted key " + file + " cannot be read", e);
        }
    }

    /** The keys given, each under its {@link SigningKey#idOf(PublicKey)}. */
    public static TrustedKeys of(PublicKey... keys) {
        return new TrustedKeys(
                Arrays.stream(keys).collect(Collectors.toUnmodifiableMap(SigningKey::idOf, Function.identity())));
    }
}
