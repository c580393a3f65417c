package io.cema.protocol.signature;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.cema.protocol.message.Envelope;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;

/** Seals messages. Signed: downlink. Unsigned: uplink. Thread-safe. */
public final class EnvelopeSealer {
    private EnvelopeSealer() {}

    /**
     * Signs (domain tag, topic, type, key id, created, payload) with Ed25519.
     *
     * @throws IllegalArgumentException if the envelope would be larger than {@link EnvelopeOpener#MAX_BYTES}
     */
    public static Envelope sign(String topic, Message message, String keyId, PrivateKey key, long createdMillis) {
        Envelope unsigned = envelope(message, keyId, createdMillis);
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(SignedBytes.of(topic, unsigned));
            return requireSize(unsigned.toBuilder()
                    .setSignature(ByteString.copyFrom(signature.sign()))
                    .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign " + unsigned.getType() + " with key " + keyId, e);
        }
    }

    /** @throws IllegalArgumentException if the envelope would be larger than {@link EnvelopeOpener#MAX_BYTES} */
    public static Envelope unsigned(Message message, long createdMillis) {
        return requireSize(envelope(message, "", createdMillis));
    }

    private static Envelope envelope(Message message, String keyId, long createdMillis) {
        return Envelope.newBuilder()
                .setPayload(message.toByteString())
                .setType(typeOf(message))
                .setKeyId(keyId)
                .setCreatedMs(createdMillis)
                .build();
    }

    private static Envelope requireSize(Envelope envelope) {
        if (envelope.getSerializedSize() > EnvelopeOpener.MAX_BYTES) {
            throw new IllegalArgumentException(envelope.getType() + " makes an envelope of "
                    + envelope.getSerializedSize() + " bytes, receivers accept " + EnvelopeOpener.MAX_BYTES
                    + "; send it in parts");
        }
        return envelope;
    }

    static String typeOf(Message message) {
        return message.getDescriptorForType().getFullName();
    }
}
