package io.cema.protocol.signature;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.AgentPackage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.List;

/**
 * The signature of a package of the agent's software, by a release key that those have who build it and the cloud has not:
 * who takes over the cloud can wish for a version, but not make one. Covers version, platform, digest and size. Thread-safe.
 */
public final class PackageSignature {
    private static final String DOMAIN = "cema-agent-package-v1";

    private PackageSignature() {}

    /** The package with its signature. */
    public static AgentPackage sign(AgentPackage unsigned, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(bytes(unsigned));
            return unsigned.toBuilder()
                    .setSignature(ByteString.copyFrom(signer.sign()))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the release key cannot sign", e);
        }
    }

    /** Whether one of the keys signed it. */
    public static boolean holds(AgentPackage signed, TrustedKeys keys) {
        return keys.keys().values().stream().anyMatch(key -> {
            try {
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(key);
                verifier.update(bytes(signed));
                return verifier.verify(signed.getSignature().toByteArray());
            } catch (GeneralSecurityException e) {
                return false; // not even of a signature's form
            }
        });
    }

    /** Each text led by its length, so that no two packages have the same bytes. */
    private static byte[] bytes(AgentPackage of) {
        List<byte[]> texts = List.of(utf8(DOMAIN), utf8(of.getVersion()), utf8(of.getPlatform()), utf8(of.getSha256()));
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES
                + texts.stream().mapToInt(t -> Integer.BYTES + t.length).sum());
        texts.forEach(text -> buffer.putInt(text.length).put(text));
        return buffer.putLong(of.getSize()).array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
