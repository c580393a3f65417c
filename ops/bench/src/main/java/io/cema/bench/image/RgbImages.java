package io.cema.bench.image;

import io.cema.protocol.image.Image;
import java.awt.image.BufferedImage;

/** Between Java2D's images and ours. */
public final class RgbImages {
    private RgbImages() {}

    /** Takes the sRGB pixels; transparency is dropped. */
    public static Image toImage(BufferedImage source) {
        int width = source.getWidth();
        int height = source.getHeight();
        int[] packed = source.getRGB(0, 0, width, height, null, 0, width);
        byte[] rgb = new byte[packed.length * 3];
        for (int i = 0; i < packed.length; i++) {
            rgb[3 * i] = (byte) (packed[i] >> 16);
            rgb[3 * i + 1] = (byte) (packed[i] >> 8);
            rgb[3 * i + 2] = (byte) packed[i];
        }
        return new Image(width, height, rgb);
    }

    /** A copy of type {@link BufferedImage#TYPE_INT_RGB}. */
    public static BufferedImage toBuffered(Image image) {
        byte[] rgb = image.rgb();
        int[] packed = new int[image.width() * image.height()];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
        }
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        buffered.setRGB(0, 0, image.width(), image.height(), packed, 0, image.width());
        return buffered;
    }
}
