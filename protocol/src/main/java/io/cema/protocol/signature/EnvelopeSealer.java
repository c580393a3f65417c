package io.cema.protocol.signature;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.cema.protocol.message.Envelope;
import java.security.PrivateKey;

/** Seals messages. Signed: downlink. Unsigned: uplink. Thread-safe. */
public final class EnvelopeSealer {
    private EnvelopeSealer() {}

    /** Signs (domain tag, topic, type, key id, created, payload) with Ed25519. */
    public static Envelope sign(String topic, Message message, String keyId, PrivateKey key, long createdMillis) {
        throw new UnsupportedOperationException("protocol room");
    }

    public static Envelope unsigned(Message message, long createdMillis) {
        throw new UnsupportedOperationException("protocol room");
    }

    static String typeOf(MessageLite message) {
        throw new UnsupportedOperationException("protocol room");
    }
}
