package io.cema.protocol.image;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * RGB8_ZSTD: rows filtered as in PNG (ISO/IEC 15948, clause 9), the filter chosen per row, then zstd. Before that, green
 * may be subtracted from red and blue, and the three colours may be laid out one after the other; small images try all
 * of it and keep the smallest.
 *
 * <pre>
 * 'R', layout (bit 0: minus green, bit 1: planar), width u32, height u32, zstd body
 * body: per row (of each plane) the filter, then the filtered bytes
 * </pre>
 */
final class RawImageFormat {
    private static final byte MAGIC = 'R';
    private static final int HEADER = 2 + 2 * Integer.BYTES;
    private static final int MINUS_GREEN = 1;
    private static final int PLANAR = 2;

    /** Up to here every layout is tried at zstd's high level (milliseconds); above, one layout at a quick level. */
    private static final int SMALL_BYTES = 1 << 18;

    private static final int SMALL_LEVEL = 19;
    private static final int LARGE_LEVEL = 6;

    private RawImageFormat() {}

    static byte[] encode(Image image) {
        if (image.rgb().length > SMALL_BYTES) {
            return encode(image, MINUS_GREEN, LARGE_LEVEL);
        }
        byte[] best = encode(image, 0, SMALL_LEVEL);
        for (int layout = 1; layout <= (MINUS_GREEN | PLANAR); layout++) {
            byte[] candidate = encode(image, layout, SMALL_LEVEL);
            best = candidate.length < best.length ? candidate : best;
        }
        return best;
    }

    private static byte[] encode(Image image, int layout, int level) {
        byte[] pixels = arrange(image, layout);
        Rows rows = Rows.of(image.width(), image.height(), layout);
        byte[] compressed = Zstd.compress(RowFilters.apply(pixels, rows.count, rows.length, rows.step), level);
        return ByteBuffer.allocate(HEADER + compressed.length)
                .put(MAGIC)
                .put((byte) layout)
                .putInt(image.width())
                .putInt(image.height())
                .put(compressed)
                .array();
    }

    static Image decode(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        try {
            byte magic = in.get();
            int layout = in.get();
            int width = in.getInt();
            int height = in.getInt();
            if (magic != MAGIC || (layout & ~(MINUS_GREEN | PLANAR)) != 0) {
                throw new IllegalArgumentException(encoded.length + " bytes are not an RGB8_ZSTD image");
            }
            ImageCodec.requirePixels(width, height);
            Rows rows = Rows.of(width, height, layout);
            byte[] filtered = decompress(encoded, rows.count * (rows.length + 1));
            byte[] pixels = RowFilters.revert(filtered, rows.count, rows.length, rows.step);
            return new Image(width, height, restore(pixels, layout));
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException(encoded.length + " bytes are too few for an RGB8_ZSTD image", e);
        }
    }

    private static byte[] decompress(byte[] encoded, int length) {
        if (encoded.length == HEADER) {
            throw new IllegalArgumentException("RGB8_ZSTD image of " + encoded.length + " bytes has no pixels");
        }
        // The claimed size is checked before memory is taken: a tiny message must not cost 200 MB.
        long claimed = Zstd.getFrameContentSize(encoded, HEADER, encoded.length - HEADER);
        if (claimed != length) {
            throw new IllegalArgumentException("RGB8_ZSTD image of " + encoded.length + " bytes holds "
                    + (claimed < 0 ? "no zstd frame" : claimed + " bytes") + ", its size asks for " + length);
        }
        byte[] filtered = new byte[length];
        try {
            Zstd.decompressByteArray(filtered, 0, length, encoded, HEADER, encoded.length - HEADER);
        } catch (ZstdException e) {
            throw new IllegalArgumentException(
                    "RGB8_ZSTD image of " + encoded.length + " bytes is truncated or corrupted: " + e.getMessage(), e);
        }
        return filtered;
    }

    private static byte[] arrange(Image image, int layout) {
        byte[] rgb = image.rgb();
        byte[] arranged = new byte[rgb.length];
        int plane = rgb.length / 3;
        for (int p = 0; p < plane; p++) {
            byte green = (layout & MINUS_GREEN) == 0 ? 0 : rgb[3 * p + 1];
            arranged[place(p, 0, plane, layout)] = (byte) (rgb[3 * p] - green);
            arranged[place(p, 1, plane, layout)] = rgb[3 * p + 1];
            arranged[place(p, 2, plane, layout)] = (byte) (rgb[3 * p + 2] - green);
        }
        return arranged;
    }

    private static byte[] restore(byte[] arranged, int layout) {
        byte[] rgb = new byte[arranged.length];
        int plane = rgb.length / 3;
        for (int p = 0; p < plane; p++) {
            rgb[3 * p + 1] = arranged[place(p, 1, plane, layout)];
            byte green = (layout & MINUS_GREEN) == 0 ? 0 : rgb[3 * p + 1];
            rgb[3 * p] = (byte) (arranged[place(p, 0, plane, layout)] + green);
            rgb[3 * p + 2] = (byte) (arranged[place(p, 2, plane, layout)] + green);
        }
        return rgb;
    }

    private static int place(int pixel, int colour, int plane, int layout) {
        return (layout & PLANAR) == 0 ? 3 * pixel + colour : colour * plane + pixel;
    }

    /** What the filters see: rows of bytes, and how far back the same colour's left neighbour stands. */
    private record Rows(int count, int length, int step) {
        static Rows of(int width, int height, int layout) {
            return (layout & PLANAR) == 0 ? new Rows(height, 3 * width, 3) : new Rows(3 * height, width, 1);
        }
    }
}
