package io.cema.protocol.model;

import java.util.List;

/** The compact form of {@link AffineParameters} on the link. */
public final class AffineCodec {
    private AffineCodec() {}

    /**
     * Encodes {@code difference} (to the registered model's own affine). Deterministic. Lossy to the codec's stated
     * precision: callers go on from {@link #decode} of the result, so that both sides hold the same numbers.
     */
    public static byte[] encode(AffineParameters difference) {
        throw new UnsupportedOperationException("protocol room");
    }

    /**
     * @param layers the manifest's layers
     * @throws IllegalArgumentException if the bytes are not of this codec or of another model's layers
     */
    public static AffineParameters decode(byte[] encoded, List<NormLayer> layers) {
        throw new UnsupportedOperationException("protocol room");
    }
}
