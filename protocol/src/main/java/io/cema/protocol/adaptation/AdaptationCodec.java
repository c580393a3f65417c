package io.cema.protocol.adaptation;

import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The compact form of an {@link Adaptation} on the link. One affine for all images is what {@link AffineCodec} makes of
 * it; agents that know that alone refuse anything else, and keep what they have. Several experts are
 *
 * <pre>
 * "CAM", version (1), experts u8, per expert: look (weights, bias: float32), length u32, AffineCodec; CRC-32
 * </pre>
 *
 * Deterministic; thread-safe.
 */
public final class AdaptationCodec {
    private static final byte[] MAGIC = {'C', 'A', 'M', 1};
    private static final int LOOK_BYTES = Float.BYTES * (ImageFeatures.COUNT + 1);

    private AdaptationCodec() {}

    /**
     * @param difference to the registered model's own affine
     * @throws IllegalArgumentException as {@link AffineCodec#encode} does
     */
    public static byte[] encode(Adaptation difference) {
        if (!difference.mixed()) {
            return AffineCodec.encode(difference.first());
        }
        List<byte[]> affines = difference.experts().stream()
                .map(e -> AffineCodec.encode(e.affine()))
                .toList();
        int bytes = affines.stream()
                .mapToInt(a -> LOOK_BYTES + Integer.BYTES + a.length)
                .sum();
        ByteBuffer out = ByteBuffer.allocate(MAGIC.length + 1 + bytes + Integer.BYTES);
        out.put(MAGIC).put((byte) affines.size());
        for (int i = 0; i < affines.size(); i++) {
            put(out, difference.experts().get(i).look().orElseThrow());
            out.putInt(affines.get(i).length).put(affines.get(i));
        }
        out.putInt(crc(out.array(), out.position()));
        return out.array();
    }

    private static void put(ByteBuffer out, LookScore look) {
        for (float weight : look.weights()) {
            out.putFloat(weight);
        }
        out.putFloat(look.bias());
    }

    /**
     * @param layers the manifest's layers
     * @return the difference to the registered model's own affine
     * @throws IllegalArgumentException if the bytes are not of this codec or of another model's layers
     */
    public static Adaptation decode(byte[] encoded, List<NormLayer> layers) {
        if (encoded.length < MAGIC.length + 1 + Integer.BYTES
                || !Arrays.equals(encoded, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Adaptation.of(AffineCodec.decode(encoded, layers));
        }
        int end = encoded.length - Integer.BYTES;
        ByteBuffer in = ByteBuffer.wrap(encoded, 0, end);
        if (ByteBuffer.wrap(encoded).getInt(end) != crc(encoded, end)) {
            throw new IllegalArgumentException("experts are truncated or corrupted: checksum is wrong");
        }
        in.position(MAGIC.length);
        int count = Byte.toUnsignedInt(in.get());
        if (count < 2 || count > Adaptation.MOST) {
            throw new IllegalArgumentException(
                    "a mixture of " + count + " experts, 2 to " + Adaptation.MOST + " allowed");
        }
        List<Expert> experts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            require(in, LOOK_BYTES + Integer.BYTES, i);
            LookScore look = look(in, i);
            experts.add(new Expert(affine(in, i, layers), Optional.of(look)));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many behind " + count + " experts");
        }
        return new Adaptation(experts);
    }

    private static LookScore look(ByteBuffer in, int expert) {
        try {
            return new LookScore(floats(in, ImageFeatures.COUNT), in.getFloat());
        } catch (IllegalArgumentException e) {
            throw of(expert, e);
        }
    }

    private static AffineParameters affine(ByteBuffer in, int expert, List<NormLayer> layers) {
        int length = in.getInt();
        require(in, length, expert);
        byte[] affine = new byte[length];
        in.get(affine);
        try {
            return AffineCodec.decode(affine, layers);
        } catch (IllegalArgumentException e) {
            throw of(expert, e);
        }
    }

    private static IllegalArgumentException of(int expert, IllegalArgumentException e) {
        return new IllegalArgumentException("expert " + expert + ": " + e.getMessage(), e);
    }

    private static void require(ByteBuffer in, int bytes, int expert) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new IllegalArgumentException(
                    "expert " + expert + " ends early: needs " + bytes + " bytes, has " + in.remaining());
        }
    }

    private static float[] floats(ByteBuffer in, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.getFloat();
        }
        return values;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
