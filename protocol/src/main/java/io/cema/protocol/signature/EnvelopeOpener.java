package io.cema.protocol.signature;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cema.protocol.message.Envelope;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;

/**
 * Opens envelopes: parses, checks type and, for downlink, signature. Every failure is an {@link EnvelopeException}.
 * Thread-safe.
 */
public final class EnvelopeOpener {
    /** No envelope may be larger, in bytes. Larger things travel in parts (samples) or by HTTPS (models). */
    public static final int MAX_BYTES = 1 << 20;

    private EnvelopeOpener() {}

    /** Opens a signed envelope that arrived on {@code topic}. */
    public static <M extends Message> M openSigned(String topic, byte[] bytes, M prototype, TrustedKeys keys) {
        Envelope envelope = parse(bytes);
        if (envelope.getSignature().isEmpty()) {
            throw new EnvelopeException("envelope of " + typeOf(envelope) + " on " + topic + " is not signed");
        }
        PublicKey key = keys.find(envelope.getKeyId())
                .orElseThrow(() -> new EnvelopeException("envelope of " + typeOf(envelope) + " on " + topic
                        + " is signed with key \"" + envelope.getKeyId() + "\", which is not trusted; trusted: "
                        + keys.keys().keySet()));
        verify(topic, envelope, key);
        return payload(envelope, prototype);
    }

    /**
     * Opens an envelope whose origin the session vouches for. A signature, if there is one, is not looked at.
     */
    public static <M extends Message> M openUnsigned(byte[] bytes, M prototype) {
        return openDated(bytes, prototype).message();
    }

    /** The same, with the sender's clock. */
    public static <M extends Message> Dated<M> openDated(byte[] bytes, M prototype) {
        Envelope envelope = parse(bytes);
        return new Dated<>(payload(envelope, prototype), envelope.getCreatedMs());
    }

    private static Envelope parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new EnvelopeException(
                    "payload of " + bytes.length + " bytes is larger than the " + MAX_BYTES + " an envelope may have");
        }
        if (bytes.length == 0) {
            throw new EnvelopeException("payload is empty, no envelope");
        }
        try {
            return Envelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new EnvelopeException("payload of " + bytes.length + " bytes is no envelope: " + e.getMessage(), e);
        }
    }

    private static void verify(String topic, Envelope envelope, PublicKey key) {
        boolean valid;
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initVerify(key);
            signature.update(SignedBytes.of(topic, envelope));
            valid = signature.verify(envelope.getSignature().toByteArray());
        } catch (GeneralSecurityException e) {
            throw new EnvelopeException(
                    "signature of " + typeOf(envelope) + " on " + topic + " cannot be checked: " + e.getMessage(), e);
        }
        if (!valid) {
            throw new EnvelopeException("signature of " + typeOf(envelope) + " on " + topic + " by key "
                    + envelope.getKeyId() + " is wrong: changed on the way, or meant for another topic");
        }
    }

    private static <M extends Message> M payload(Envelope envelope, M prototype) {
        String expected = EnvelopeSealer.typeOf(prototype);
        if (!envelope.getType().equals(expected)) {
            throw new EnvelopeException("envelope holds " + typeOf(envelope) + ", expected " + expected);
        }
        try {
            return parserOf(prototype).parseFrom(envelope.getPayload());
        } catch (InvalidProtocolBufferException e) {
            throw new EnvelopeException("payload of the envelope is no " + expected + ": " + e.getMessage(), e);
        }
    }

    private static String typeOf(Envelope envelope) {
        return envelope.getType().isEmpty() ? "(no type)" : envelope.getType();
    }

    @SuppressWarnings("unchecked") // a generated message's parser gives that message
    static <M extends Message> Parser<M> parserOf(M prototype) {
        return (Parser<M>) prototype.getParserForType();
    }

    /**
     * A message and when it was made.
     *
     * @param createdMillis since 1970 by the sender's clock, which may be wrong; 0 if it did not say
     */
    public record Dated<M extends Message>(M message, long createdMillis) {}
}
