package io.cema.protocol.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * PNG and JPEG as a camera gives them, by the JDK's ImageIO. Transparency is dropped; orientation tags are not applied
 * (a fixed camera has none).
 */
final class CameraImageFormat {
    private CameraImageFormat() {}

    /** @param name ImageIO's name of the format, "png" or "jpeg" */
    static Image decode(String name, byte[] encoded) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(name);
        if (!readers.hasNext()) {
            throw new IllegalStateException(
                    "this Java cannot read " + name + " images: module java.desktop is missing");
        }
        ImageReader reader = readers.next();
        // Not ImageIO.createImageInputStream: that may put a cache file on the disk.
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(stream, true, true);
            ImageCodec.requirePixels(reader.getWidth(0), reader.getHeight(0)); // before memory is taken for it
            return toImage(reader.read(0));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    encoded.length + " bytes are not a readable " + name + " image: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    /** @param quality above 0, to 1 */
    static byte[] encodeJpeg(Image image, float quality) {
        BufferedImage pixels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] rgb = image.rgb();
        byte[] bgr = ((DataBufferByte) pixels.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < rgb.length; i += 3) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(pixels, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static Image toImage(BufferedImage source) {
        int width = source.getWidth();
        int height = source.getHeight();
        byte[] rgb = new byte[width * height * 3];
        if (source.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
            greyToRgb(source.getRaster(), source.getColorModel().getComponentSize(0), rgb);
        } else {
            int[] row = new int[width];
            for (int y = 0, o = 0; y < height; y++) {
                source.getRGB(0, y, width, 1, row, 0, width);
                for (int pixel : row) {
                    rgb[o++] = (byte) (pixel >> 16);
                    rgb[o++] = (byte) (pixel >> 8);
                    rgb[o++] = (byte) pixel;
                }
            }
        }
        return new Image(width, height, rgb);
    }

    /** Takes grey samples as they are: getRGB would read them as linear light and brighten them. */
    private static void greyToRgb(Raster raster, int bits, byte[] rgb) {
        int[] row = new int[raster.getWidth()];
        int greatest = (1 << bits) - 1;
        for (int y = 0, o = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            for (int sample : row) {
                byte grey = (byte) Math.round(sample * 255f / greatest);
                rgb[o++] = grey;
                rgb[o++] = grey;
                rgb[o++] = grey;
            }
        }
    }
}
