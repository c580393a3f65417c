package io.cema.protocol.signature;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;

/** Opens envelopes: parses, checks type and, for downlink, signature. Every failure is an {@link EnvelopeException}. */
public final class EnvelopeOpener {
    private EnvelopeOpener() {}

    /** Opens a signed envelope that arrived on {@code topic}. */
    public static <M extends Message> M openSigned(String topic, byte[] bytes, M prototype, TrustedKeys keys) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** Opens an envelope whose origin the session vouches for. */
    public static <M extends Message> M openUnsigned(byte[] bytes, M prototype) {
        throw new UnsupportedOperationException("protocol room");
    }

    static <M extends Message> Parser<M> parserOf(M prototype) {
        throw new UnsupportedOperationException("protocol room");
    }
}
