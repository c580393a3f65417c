package io.cema.bench.corruption;

import io.cema.protocol.image.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.random.RandomGenerator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Corruptions that sample the image anew: displacement, coarse pixels, lossy coding. */
final class Sampling {
    private static final double[] ELASTIC_PIXELS = {.5, 1, 1.4, 1.8, 2.2};
    private static final int ELASTIC_SPACING = 2;
    private static final double[] PIXELATE_SHARE = {.95, .9, .85, .75, .65};
    private static final int[] JPEG_QUALITY = {80, 65, 58, 50, 40};

    private Sampling() {}

    /** Moves every pixel along a smooth random field whose greatest component is the given number of pixels. */
    static Pixels elastic(Pixels x, int level, RandomGenerator random) {
        float[] dx = smoothField(x.width, x.height, ELASTIC_PIXELS[level], random);
        float[] dy = smoothField(x.width, x.height, ELASTIC_PIXELS[level], random);
        float[][] out = new float[Pixels.CHANNELS][x.size()];
        for (int row = 0; row < x.height; row++) {
            for (int column = 0; column < x.width; column++) {
                int i = row * x.width + column;
                for (int c = 0; c < out.length; c++) {
                    out[c][i] = bilinear(x.planes[c], x.width, x.height, column + dx[i], row + dy[i]);
                }
            }
        }
        return x.with(out);
    }

    /** Uniform in +-greatest at the knots of a coarse grid, linear between them. */
    private static float[] smoothField(int width, int height, double greatest, RandomGenerator random) {
        int knotsX = (width - 1) / ELASTIC_SPACING + 2;
        int knotsY = (height - 1) / ELASTIC_SPACING + 2;
        float[] knots = new float[knotsX * knotsY];
        for (int i = 0; i < knots.length; i++) {
            knots[i] = (float) (greatest * (2 * random.nextDouble() - 1));
        }
        float[] field = new float[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                field[y * width + x] =
                        bilinear(knots, knotsX, knotsY, (double) x / ELASTIC_SPACING, (double) y / ELASTIC_SPACING);
            }
        }
        return field;
    }

    /** Box-downscale, nearest up: a coarser sensor. */
    static Pixels pixelate(Pixels x, int level, RandomGenerator random) {
        int coarseWidth = Math.max(1, (int) (x.width * PIXELATE_SHARE[level]));
        int coarseHeight = Math.max(1, (int) (x.height * PIXELATE_SHARE[level]));
        float[][] out = new float[Pixels.CHANNELS][x.size()];
        for (int c = 0; c < out.length; c++) {
            float[] coarse = boxDownscale(x.planes[c], x.width, x.height, coarseWidth, coarseHeight);
            for (int row = 0; row < x.height; row++) {
                int sourceRow = (int) ((row + 0.5) * coarseHeight / x.height);
                for (int column = 0; column < x.width; column++) {
                    int sourceColumn = (int) ((column + 0.5) * coarseWidth / x.width);
                    out[c][row * x.width + column] = coarse[sourceRow * coarseWidth + sourceColumn];
                }
            }
        }
        return x.with(out);
    }

    /** Each coarse pixel is the mean of the area it covers; fine pixels that it covers in part count in part. */
    private static float[] boxDownscale(float[] plane, int width, int height, int toWidth, int toHeight) {
        double scaleX = (double) width / toWidth;
        double scaleY = (double) height / toHeight;
        float[] out = new float[toWidth * toHeight];
        for (int y = 0; y < toHeight; y++) {
            for (int x = 0; x < toWidth; x++) {
                double sum = 0;
                for (int row = (int) (y * scaleY); row < Math.min(height, (y + 1) * scaleY); row++) {
                    double rowShare = overlap(row, y * scaleY, (y + 1) * scaleY);
                    for (int column = (int) (x * scaleX); column < Math.min(width, (x + 1) * scaleX); column++) {
                        sum += rowShare * overlap(column, x * scaleX, (x + 1) * scaleX) * plane[row * width + column];
                    }
                }
                out[y * toWidth + x] = (float) (sum / (scaleX * scaleY));
            }
        }
        return out;
    }

    private static double overlap(int pixel, double from, double to) {
        return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
    }

    /** Through a real JPEG codec, with chroma at half resolution. */
    static Pixels jpeg(Pixels x, int level, RandomGenerator random) {
        Image image = x.toImage();
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int i = 0; i < x.size(); i++) {
            int packed = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
            buffered.setRGB(i % x.width, i / x.width, packed);
        }
        try {
            BufferedImage decoded = decodeJpeg(encodeJpeg(buffered, JPEG_QUALITY[level] / 100f));
            float[][] out = new float[Pixels.CHANNELS][x.size()];
            for (int i = 0; i < x.size(); i++) {
                int packed = decoded.getRGB(i % x.width, i / x.width);
                out[0][i] = (packed >> 16 & 0xff) / 255f;
                out[1][i] = (packed >> 8 & 0xff) / 255f;
                out[2][i] = (packed & 0xff) / 255f;
            }
            return x.with(out);
        } catch (IOException e) {
            throw new UncheckedIOException("JPEG codec of the Java runtime failed in memory", e);
        }
    }

    private static byte[] encodeJpeg(BufferedImage image, float quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
            out.flush();
            return bytes.toByteArray();
        } finally {
            writer.dispose();
        }
    }

    private static BufferedImage decodeJpeg(byte[] jpeg) throws IOException {
        var reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(in);
            return reader.read(0);
        } finally {
            reader.dispose();
        }
    }

    /** Enlarges by {@code factor} (1 or more) around the exact centre and crops to the size, bilinear. */
    static float[] centreZoom(float[] plane, int width, int height, double factor) {
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        float[] out = new float[plane.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                out[y * width + x] = bilinear(
                        plane, width, height, centreX + (x - centreX) / factor, centreY + (y - centreY) / factor);
            }
        }
        return out;
    }

    private static float bilinear(float[] plane, int width, int height, double x, double y) {
        int x0 = (int) Math.floor(x);
        int y0 = (int) Math.floor(y);
        double fx = x - x0;
        double fy = y - y0;
        int left = Border.mirror(x0, width);
        int right = Border.mirror(x0 + 1, width);
        int top = Border.mirror(y0, height) * width;
        int bottom = Border.mirror(y0 + 1, height) * width;
        double upper = plane[top + left] * (1 - fx) + plane[top + right] * fx;
        double lower = plane[bottom + left] * (1 - fx) + plane[bottom + right] * fx;
        return (float) (upper * (1 - fy) + lower * fy);
    }
}
