package io.cema.protocol.image;

import io.cema.protocol.message.ImageFormat;

/** Encodes raw frames losslessly and decodes every accepted format. */
public final class ImageCodec {
    private ImageCodec() {}

    /** Lossless {@link ImageFormat#RGB8_ZSTD}. */
    public static byte[] encode(Image image) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** @throws IllegalArgumentException if the bytes are not an image of that format, or larger than 64 megapixels */
    public static Image decode(ImageFormat format, byte[] encoded) {
        throw new UnsupportedOperationException("protocol room");
    }

    /**
     * The model's input: bilinear resize (only if the size differs; half-pixel centres, antialiased when shrinking),
     * then (x/255 - mean) / std.
     *
     * @return CHW float32, length 3 * height * width
     */
    public static float[] toTensor(
            Image image, int height, int width, io.cema.protocol.model.Preprocessing preprocessing) {
        throw new UnsupportedOperationException("protocol room");
    }
}
