package io.cema.cloud.compression;

import io.cema.protocol.image.Image;
import java.util.SplittableRandom;

/**
 * A world that has changed for a whole batch of images: out of focus, in another light, with a noisier sensor.
 *
 * @param blur radius of a box that averages twice, pixels; 0 for none
 * @param contrast factor around {@code level}
 * @param level that contrast leaves as it is, 0 to 255
 * @param noise deviation-like strength, of 255
 */
record Drift(int blur, double contrast, double level, double noise) {
    private static final int MOST_BLUR = 2;
    private static final double LEAST_CONTRAST = 0.15;
    private static final double MOST_CONTRAST = 1.2;
    private static final double MOST_NOISE = 60;

    /** Each part is there every other time, of any strength. */
    static Drift draw(SplittableRandom random) {
        return new Drift(
                random.nextBoolean() ? random.nextInt(1, MOST_BLUR + 1) : 0,
                random.nextBoolean() ? random.nextDouble(LEAST_CONTRAST, MOST_CONTRAST) : 1,
                random.nextDouble(256),
                random.nextBoolean() ? random.nextDouble(MOST_NOISE) : 0);
    }

    /** The image as it looks there. */
    Image of(Image image, SplittableRandom random) {
        byte[] rgb = image.rgb();
        for (int pass = 0; pass < 2 && blur > 0; pass++) {
            rgb = averaged(averaged(rgb, image.width(), image.height(), true), image.width(), image.height(), false);
        }
        byte[] result = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            // Two uniform numbers are near enough to a normal one here.
            double grain = noise == 0 ? 0 : noise * (random.nextDouble() + random.nextDouble() - 1);
            double value = level + contrast * ((rgb[i] & 0xff) - level) + grain;
            result[i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
        return new Image(image.width(), image.height(), result);
    }

    /** Mean over 2 blur + 1 neighbours in a row or a column; the edge goes on for ever. */
    private byte[] averaged(byte[] rgb, int width, int height, boolean rows) {
        byte[] result = new byte[rgb.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int sum = 0;
                    for (int d = -blur; d <= blur; d++) {
                        int column = rows ? Math.max(0, Math.min(width - 1, x + d)) : x;
                        int row = rows ? y : Math.max(0, Math.min(height - 1, y + d));
                        sum += rgb[3 * (row * width + column) + c] & 0xff;
                    }
                    result[3 * (y * width + x) + c] = (byte) Math.round((float) sum / (2 * blur + 1));
                }
            }
        }
        return result;
    }
}
