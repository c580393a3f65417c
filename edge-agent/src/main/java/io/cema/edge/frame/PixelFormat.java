package io.cema.edge.frame;

import io.cema.protocol.image.Image;

/** How a raw frame lies in memory; rows from the top without padding, 8 bits a sample. */
public enum PixelFormat {
    /** Interleaved red, green, blue. */
    RGB24,
    /** Interleaved blue, green, red. */
    BGR24,
    /** One brightness a pixel. */
    GRAY,
    /** A plane of luma, then two of chroma at half the size, rounded up: ITU-R BT.601 in limited range, as video has it. */
    YUV420P;

    /** Bytes of a frame. */
    int size(int width, int height) {
        int pixels = Math.multiplyExact(width, height);
        return switch (this) {
            case RGB24, BGR24 -> Math.multiplyExact(3, pixels);
            case GRAY -> pixels;
            case YUV420P -> Math.addExact(pixels, 2 * half(width) * half(height));
        };
    }

    /** @param raw {@link #size} bytes; handed over */
    Image toImage(int width, int height, byte[] raw) {
        return new Image(
                width,
                height,
                switch (this) {
                    case RGB24 -> raw;
                    case BGR24 -> swapped(raw);
                    case GRAY -> threefold(raw);
                    case YUV420P -> fromYuv(width, height, raw);
                });
    }

    private static byte[] swapped(byte[] bgr) {
        for (int i = 0; i < bgr.length; i += 3) {
            byte blue = bgr[i];
            bgr[i] = bgr[i + 2];
            bgr[i + 2] = blue;
        }
        return bgr;
    }

    private static byte[] threefold(byte[] gray) {
        byte[] rgb = new byte[3 * gray.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = gray[i / 3];
        }
        return rgb;
    }

    private static byte[] fromYuv(int width, int height, byte[] yuv) {
        byte[] rgb = new byte[3 * width * height];
        int blues = width * height;
        int reds = blues + half(width) * half(height);
        for (int y = 0, o = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int chroma = y / 2 * half(width) + x / 2;
                double luma = 255 / 219.0 * (Byte.toUnsignedInt(yuv[y * width + x]) - 16);
                double u = 255 / 112.0 * (Byte.toUnsignedInt(yuv[blues + chroma]) - 128);
                double v = 255 / 112.0 * (Byte.toUnsignedInt(yuv[reds + chroma]) - 128);
                // The standard's weights of red and blue are 0.299 and 0.114.
                rgb[o++] = level(luma + 0.701 * v);
                rgb[o++] = level(luma - 0.114 * 0.886 / 0.587 * u - 0.299 * 0.701 / 0.587 * v);
                rgb[o++] = level(luma + 0.886 * u);
            }
        }
        return rgb;
    }

    private static byte level(double value) {
        return (byte) Math.max(0, Math.min(255, Math.round(value)));
    }

    private static int half(int length) {
        return (length + 1) / 2;
    }
}
