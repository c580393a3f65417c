package io.cema.protocol.image;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.Preprocessing;
import java.util.Optional;

/** Encodes raw frames losslessly and decodes every accepted format. Thread-safe; needs no display. */
public final class ImageCodec {
    /** No image may have more pixels: 64 megapixels. */
    public static final int MAX_PIXELS = 64_000_000;

    private ImageCodec() {}

    /** Lossless {@link ImageFormat#RGB8_ZSTD}. */
    public static byte[] encode(Image image) {
        requirePixels(image.width(), image.height());
        return RawImageFormat.encode(image);
    }

    /**
     * {@link ImageFormat#JPEG}, lossy.
     *
     * @param quality 1 to 100
     */
    public static byte[] encodeJpeg(Image image, int quality) {
        requirePixels(image.width(), image.height());
        return CameraImageFormat.encodeJpeg(image, quality / 100f);
    }

    /** @throws IllegalArgumentException if the bytes are not an image of that format, or larger than 64 megapixels */
    public static Image decode(ImageFormat format, byte[] encoded) {
        return switch (format) {
            case RGB8_ZSTD -> RawImageFormat.decode(encoded);
            case PNG -> CameraImageFormat.decode("png", encoded);
            case JPEG -> CameraImageFormat.decode("jpeg", encoded);
            case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException(
                        "image format " + format + " is not known: need RGB8_ZSTD, PNG or JPEG");
        };
    }

    /**
     * The model's input: bilinear resize (only if the size differs; half-pixel centres, antialiased when shrinking),
     * then (x/255 - mean) / std.
     *
     * @return CHW float32, length 3 * height * width
     */
    public static float[] toTensor(Image image, int height, int width, Preprocessing preprocessing) {
        float[] tensor = new float[Math.multiplyExact(3, Math.multiplyExact(height, width))];
        if (image.height() == height && image.width() == width) {
            normalise(image.rgb(), tensor, preprocessing);
        } else {
            float[] resized = BilinearResize.resize(image, height, width);
            normalise(resized, tensor, preprocessing);
        }
        return tensor;
    }

    /**
     * The picture behind a model's input: {@link #toTensor} backwards, to the nearest of 256 levels.
     *
     * @param tensor CHW float32, length 3 * height * width
     * @return empty if a value lies outside 0..255 or is NaN, so that this is no preprocessed picture
     */
    public static Optional<Image> fromTensor(float[] tensor, int height, int width, Preprocessing preprocessing) {
        int plane = Math.multiplyExact(height, width);
        byte[] rgb = new byte[Math.multiplyExact(3, plane)];
        if (tensor.length != rgb.length) {
            throw new IllegalArgumentException(
                    "a picture of " + width + "x" + height + " needs " + rgb.length + " values, has " + tensor.length);
        }
        for (int c = 0; c < 3; c++) {
            double mean = preprocessing.mean().get(c);
            double std = preprocessing.std().get(c);
            for (int p = 0; p < plane; p++) {
                double value = (tensor[c * plane + p] * std + mean) * 255;
                long level = Math.round(value);
                // Rounded, NaN is 0.
                if (Double.isNaN(value) || level < 0 || level > 255) {
                    return Optional.empty();
                }
                rgb[3 * p + c] = (byte) level;
            }
        }
        return Optional.of(new Image(width, height, rgb));
    }

    private static void normalise(byte[] rgb, float[] tensor, Preprocessing preprocessing) {
        int plane = tensor.length / 3;
        for (int c = 0; c < 3; c++) {
            float[] table = new float[256];
            for (int value = 0; value < 256; value++) {
                table[value] = normalise(value, c, preprocessing);
            }
            for (int p = 0; p < plane; p++) {
                tensor[c * plane + p] = table[Byte.toUnsignedInt(rgb[3 * p + c])];
            }
        }
    }

    private static void normalise(float[] rgb, float[] tensor, Preprocessing preprocessing) {
        int plane = tensor.length / 3;
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < plane; p++) {
                tensor[c * plane + p] = normalise(rgb[3 * p + c], c, preprocessing);
            }
        }
    }

    private static float normalise(double value, int channel, Preprocessing preprocessing) {
        return (float) ((value / 255 - preprocessing.mean().get(channel))
                / preprocessing.std().get(channel));
    }

    static void requirePixels(long width, long height) {
        if (width < 1 || height < 1 || width > MAX_PIXELS || height > MAX_PIXELS || width * height > MAX_PIXELS) {
            throw new IllegalArgumentException(
                    "image of " + width + "x" + height + " pixels: need 1 to " + MAX_PIXELS + " in all");
        }
    }
}
