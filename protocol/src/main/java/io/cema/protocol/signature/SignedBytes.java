package io.cema.protocol.signature;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.Envelope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes a signature covers. Each field stands behind its length, so that no two different envelopes give the same
 * bytes; the domain tag keeps a signature of this scheme from meaning anything elsewhere.
 */
final class SignedBytes {
    private static final byte[] DOMAIN = "cema.v1.Envelope.signature".getBytes(StandardCharsets.US_ASCII);

    private SignedBytes() {}

    static byte[] of(String topic, Envelope envelope) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        byte[] type = envelope.getType().getBytes(StandardCharsets.UTF_8);
        byte[] keyId = envelope.getKeyId().getBytes(StandardCharsets.UTF_8);
        ByteString payload = envelope.getPayload();
        ByteBuffer buffer = ByteBuffer.allocate(5 * Integer.BYTES
                + Long.BYTES
                + DOMAIN.length
                + topicBytes.length
                + type.length
                + keyId.length
                + payload.size());
        put(buffer, DOMAIN);
        put(buffer, topicBytes);
        put(buffer, type);
        put(buffer, keyId);
        buffer.putLong(envelope.getCreatedMs());
        buffer.putInt(payload.size());
        payload.copyTo(buffer);
        return buffer.array();
    }

    private static void put(ByteBuffer buffer, byte[] field) {
        buffer.putInt(field.length).put(field);
    }
}
