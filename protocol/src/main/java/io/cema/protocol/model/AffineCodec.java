package io.cema.protocol.model;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.cema.protocol.model.AffineParameters.Layer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The compact form of {@link AffineParameters} on the link: block floating point of 12 bits and a sign, under zstd.
 *
 * <p>Each layer's scales, and each layer's shifts, form a block with one power of two as its step, the smallest that
 * holds the block's greatest magnitude in 12 bits. The error of a value is at most half a step, which is at most 1/4095
 * of the block's greatest magnitude: half precision's error at that magnitude, in three quarters of its bits. Finer
 * steps cost bytes (two more bits: a fifth more) and gain nothing, as the twin goes on from the decoded values. A step
 * that is a power of two makes decoded values exact in float32, so that encoding them again loses nothing. A block of
 * zeros carries no values. The high bytes stand before the low ones, since only they are worth compressing.
 *
 * <pre>
 * "CAF", version (1), flags (bit 0: absolute), CRC-32 of the layer names, body length, zstd of body, CRC-32 of all before
 * body: layers u16, channels u16 per layer, step exponent i8 per block, high bytes, low bytes (zigzag, big-endian)
 * </pre>
 *
 * Thread-safe.
 */
public final class AffineCodec {
    /** Greatest magnitude that can be encoded, about 1.7e38. */
    public static final float MAX_MAGNITUDE = (float) (4095 * 0x1p115);

    private static final byte[] MAGIC = {'C', 'A', 'F', 1};
    private static final int HEADER = MAGIC.length + 1 + Integer.BYTES + Integer.BYTES;
    private static final int TRAILER = Integer.BYTES;
    private static final byte ABSOLUTE = 1;

    /** Bound on the decompressed body: a million channels. Keeps a small hostile message from claiming all memory. */
    private static final int MAX_BODY_BYTES = 1 << 22;

    private static final int MAX_QUANTUM = 4095;
    private static final int MIN_EXPONENT = -126;
    private static final byte ZERO_BLOCK = Byte.MIN_VALUE;
    private static final int ZSTD_LEVEL = 19;

    private AffineCodec() {}

    /**
     * Encodes {@code difference} (to the registered model's own affine). Deterministic. Lossy to the codec's stated
     * precision: callers go on from {@link #decode} of the result, so that both sides hold the same numbers.
     *
     * @throws IllegalArgumentException if a value is not finite or beyond {@link #MAX_MAGNITUDE}
     */
    public static byte[] encode(AffineParameters difference) {
        return encode(difference, (byte) 0);
    }

    /** Like {@link #encode}, of parameters that stand for themselves rather than for a difference. */
    public static byte[] encodeAbsolute(AffineParameters parameters) {
        return encode(parameters, ABSOLUTE);
    }

    /**
     * @param layers the manifest's layers
     * @return the difference to the registered model's own affine
     * @throws IllegalArgumentException if the bytes are not of this codec or of another model's layers
     */
    public static AffineParameters decode(byte[] encoded, List<NormLayer> layers) {
        return decode(encoded, layers, (byte) 0);
    }

    /** Like {@link #decode}, of what {@link #encodeAbsolute} gave. */
    public static AffineParameters decodeAbsolute(byte[] encoded, List<NormLayer> layers) {
        return decode(encoded, layers, ABSOLUTE);
    }

    private static byte[] encode(AffineParameters parameters, byte flags) {
        parameters.requireFinite();
        Body body = Body.of(parameters);
        byte[] front = Zstd.compress(body.front(), ZSTD_LEVEL);
        byte[] low = Zstd.compress(body.low(), ZSTD_LEVEL);
        ByteBuffer out = ByteBuffer.allocate(HEADER + front.length + low.length + TRAILER);
        out.put(MAGIC).put(flags);
        out.putInt(namesCrc(parameters.layers().stream().map(Layer::name).toList()));
        out.putInt(body.front().length + body.low().length);
        out.put(front).put(low);
        out.putInt(crc(out.array(), out.position()));
        return out.array();
    }

    /** What is compressed. Two zstd frames, read back as one: the low bytes are near noise and would spoil its tables. */
    private record Body(byte[] front, byte[] low) {
        static Body of(AffineParameters parameters) {
            int count = parameters.layers().size();
            int values = parameters.channels() * 2;
            int size = Short.BYTES + count * 2 * Short.BYTES + values;
            if (size + values > MAX_BODY_BYTES) {
                throw new IllegalArgumentException(
                        "affine parameters of " + parameters.channels() + " channels are more than the codec carries");
            }
            ByteBuffer front = ByteBuffer.allocate(size);
            ByteBuffer high = ByteBuffer.allocate(values);
            ByteBuffer low = ByteBuffer.allocate(values);
            front.putShort(unsigned16(count, "layers"));
            for (Layer layer : parameters.layers()) {
                front.putShort(unsigned16(layer.scale().length, "channels of " + layer.name()));
            }
            for (Layer layer : parameters.layers()) {
                front.put(quantise(layer.name(), layer.scale(), high, low));
                front.put(quantise(layer.name(), layer.shift(), high, low));
            }
            front.put(high.flip());
            return new Body(bytes(front), bytes(low));
        }

        private static byte[] bytes(ByteBuffer buffer) {
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }

    private static byte quantise(String layer, float[] values, ByteBuffer high, ByteBuffer low) {
        float greatest = 0;
        for (float value : values) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        if (greatest > MAX_MAGNITUDE) {
            throw new IllegalArgumentException(
                    "node " + layer + ": magnitude " + greatest + " is above the codec's " + MAX_MAGNITUDE);
        }
        int exponent = exponentFor(greatest);
        // Too small for even the finest step: zero, within the stated error of half a step.
        if (Math.rint(Math.scalb((double) greatest, -exponent)) == 0) {
            return ZERO_BLOCK;
        }
        for (float value : values) {
            int quantum = (int) Math.rint(Math.scalb((double) value, -exponent));
            int zigzag = (quantum << 1) ^ (quantum >> 31);
            high.put((byte) (zigzag >> 8));
            low.put((byte) zigzag);
        }
        return (byte) exponent;
    }

    /** The least exponent, not below MIN_EXPONENT, with greatest / 2^exponent within MAX_QUANTUM. */
    private static int exponentFor(float greatest) {
        int exponent = Math.max(MIN_EXPONENT, Math.getExponent(greatest) - 11);
        return Math.scalb((double) greatest, -exponent) > MAX_QUANTUM ? exponent + 1 : exponent;
    }

    private static AffineParameters decode(byte[] encoded, List<NormLayer> layers, byte flags) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        if (encoded.length < HEADER + TRAILER || !startsWithMagic(in)) {
            throw new IllegalArgumentException("no affine parameters: " + encoded.length
                    + " bytes without the mark of version " + MAGIC[3] + " of this codec");
        }
        if (in.getInt(encoded.length - TRAILER) != crc(encoded, encoded.length - TRAILER)) {
            throw new IllegalArgumentException("affine parameters are truncated or corrupted: checksum is wrong");
        }
        byte carried = in.get();
        if (carried != flags) {
            throw new IllegalArgumentException(
                    "affine parameters are " + describe(carried) + ", expected " + describe(flags));
        }
        int names = in.getInt();
        int bodyLength = in.getInt();
        ByteBuffer body = decompress(encoded, in.position(), bodyLength);
        try {
            requireChannels(body, layers);
            if (names != namesCrc(layers.stream().map(NormLayer::name).toList())) {
                throw new IllegalArgumentException("affine parameters are for layers of other names than "
                        + layers.stream().map(NormLayer::name).toList());
            }
            return dequantise(body, layers);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("affine parameters end early", e);
        }
    }

    private static boolean startsWithMagic(ByteBuffer in) {
        byte[] start = new byte[MAGIC.length];
        in.get(start);
        return Arrays.equals(start, MAGIC);
    }

    private static ByteBuffer decompress(byte[] encoded, int offset, int length) {
        if (length < Short.BYTES || length > MAX_BODY_BYTES) {
            throw new IllegalArgumentException(
                    "affine parameters claim " + length + " bytes, the codec allows up to " + MAX_BODY_BYTES);
        }
        byte[] body = new byte[length];
        try {
            long got = Zstd.decompressByteArray(body, 0, length, encoded, offset, encoded.length - TRAILER - offset);
            if (got != length) {
                throw new IllegalArgumentException(
                        "affine parameters claim " + length + " bytes and decompress to " + got);
            }
        } catch (ZstdException e) {
            throw new IllegalArgumentException("affine parameters do not decompress: " + e.getMessage(), e);
        }
        return ByteBuffer.wrap(body);
    }

    private static void requireChannels(ByteBuffer body, List<NormLayer> layers) {
        int count = Short.toUnsignedInt(body.getShort());
        if (count != layers.size()) {
            throw new IllegalArgumentException(
                    "model has " + layers.size() + " normalisation layers, affine parameters carry " + count);
        }
        for (NormLayer layer : layers) {
            int channels = Short.toUnsignedInt(body.getShort());
            if (channels != layer.channels()) {
                throw new IllegalArgumentException("node " + layer.name() + " has " + layer.channels()
                        + " channels, affine parameters carry " + channels);
            }
        }
    }

    private static AffineParameters dequantise(ByteBuffer body, List<NormLayer> layers) {
        byte[] exponents = new byte[2 * layers.size()];
        body.get(exponents);
        int values = 0;
        for (int block = 0; block < exponents.length; block++) {
            values += exponents[block] == ZERO_BLOCK ? 0 : layers.get(block / 2).channels();
        }
        if (body.remaining() != 2 * values) {
            throw new IllegalArgumentException(
                    "affine parameters hold " + body.remaining() + " bytes of values, " + 2 * values + " expected");
        }
        ByteBuffer high = body.slice(body.position(), values);
        ByteBuffer low = body.slice(body.position() + values, values);
        List<Layer> result = new ArrayList<>(layers.size());
        for (int i = 0; i < layers.size(); i++) {
            NormLayer layer = layers.get(i);
            float[] scale = block(layer.channels(), exponents[2 * i], high, low);
            float[] shift = block(layer.channels(), exponents[2 * i + 1], high, low);
            result.add(new Layer(layer.name(), scale, shift));
        }
        AffineParameters parameters = new AffineParameters(result);
        parameters.requireFinite();
        return parameters;
    }

    private static float[] block(int channels, byte exponent, ByteBuffer high, ByteBuffer low) {
        float[] values = new float[channels];
        if (exponent == ZERO_BLOCK) {
            return values;
        }
        for (int c = 0; c < channels; c++) {
            int zigzag = Byte.toUnsignedInt(high.get()) << 8 | Byte.toUnsignedInt(low.get());
            int quantum = (zigzag >>> 1) ^ -(zigzag & 1);
            values[c] = Math.scalb((float) quantum, exponent);
        }
        return values;
    }

    private static String describe(byte flags) {
        return switch (flags) {
            case 0 -> "a difference";
            case ABSOLUTE -> "absolute";
            default -> "of unknown kind " + flags;
        };
    }

    private static short unsigned16(int value, String what) {
        if (value > 0xFFFF) {
            throw new IllegalArgumentException(what + ": " + value + " is more than the codec's 65535");
        }
        return (short) value;
    }

    private static int namesCrc(List<String> names) {
        CRC32 crc = new CRC32();
        for (String name : names) {
            crc.update(name.getBytes(StandardCharsets.UTF_8));
            crc.update(0);
        }
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
