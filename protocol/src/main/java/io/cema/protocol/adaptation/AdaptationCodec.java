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
 * "CAM", version (2), experts u8, features u8, per expert: look (weights, bias: float32), length u32, AffineCodec; CRC-32
 * </pre>
 *
 * New features of a look come behind those that there are: an update that was made for fewer of them does without the
 * others, as version 1 did, which had twelve and did not say so. Deterministic; thread-safe.
 */
public final class AdaptationCodec {
    private static final byte[] MAGIC = {'C', 'A', 'M'};
    private static final byte VERSION = 2;
    private static final int FEATURES_OF_VERSION_1 = 12;
    /** Mark, version and number of experts. */
    private static final int HEAD = MAGIC.length + 2;

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
                .mapToInt(a -> lookBytes(ImageFeatures.COUNT) + Integer.BYTES + a.length)
                .sum();
        ByteBuffer out = ByteBuffer.allocate(HEAD + 1 + bytes + Integer.BYTES);
        out.put(MAGIC).put(VERSION).put((byte) affines.size()).put((byte) ImageFeatures.COUNT);
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
        if (encoded.length < HEAD + Integer.BYTES || !Arrays.equals(encoded, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Adaptation.of(AffineCodec.decode(encoded, layers));
        }
        int end = encoded.length - Integer.BYTES;
        ByteBuffer in = ByteBuffer.wrap(encoded, 0, end);
        if (ByteBuffer.wrap(encoded).getInt(end) != crc(encoded, end)) {
            throw new IllegalArgumentException("experts are truncated or corrupted: checksum is wrong");
        }
        in.position(MAGIC.length);
        int version = in.get();
        int count = Byte.toUnsignedInt(in.get());
        if (count < 2 || count > Adaptation.MOST) {
            throw new IllegalArgumentException(
                    "a mixture of " + count + " experts, 2 to " + Adaptation.MOST + " allowed");
        }
        int features = features(in, version);
        List<Expert> experts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            require(in, lookBytes(features) + Integer.BYTES, i);
            LookScore look = look(in, i, features);
            experts.add(new Expert(affine(in, i, layers), Optional.of(look)));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many behind " + count + " experts");
        }
        return new Adaptation(experts);
    }

    private static int features(ByteBuffer in, int version) {
        if (version == 1) {
            return FEATURES_OF_VERSION_1;
        }
        if (version != VERSION) {
            throw new IllegalArgumentException("experts of version " + version + " of this codec, known are 1 to "
                    + VERSION + "; bring this program up to date");
        }
        require(in, 1, 0);
        int features = Byte.toUnsignedInt(in.get());
        if (features < FEATURES_OF_VERSION_1 || features > ImageFeatures.COUNT) {
            throw new IllegalArgumentException("experts that are chosen by " + features + " features of a look, "
                    + FEATURES_OF_VERSION_1 + " to " + ImageFeatures.COUNT
                    + " are known; bring this program up to date");
        }
        return features;
    }

    private static int lookBytes(int features) {
        return Float.BYTES * (features + 1);
    }

    private static LookScore look(ByteBuffer in, int expert, int features) {
        try {
            return new LookScore(Arrays.copyOf(floats(in, features), ImageFeatures.COUNT), in.getFloat());
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
