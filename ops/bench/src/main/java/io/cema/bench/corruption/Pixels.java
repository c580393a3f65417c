package io.cema.bench.corruption;

import io.cema.protocol.image.Image;

/**
 * An image in work: one float plane per channel, values in [0, 1] before and after an effect, rows from the top.
 * Confined to one thread.
 */
final class Pixels {
    static final int CHANNELS = 3;

    final int width;
    final int height;
    final float[][] planes;

    private Pixels(int width, int height, float[][] planes) {
        this.width = width;
        this.height = height;
        this.planes = planes;
    }

    static Pixels of(Image image) {
        int n = image.width() * image.height();
        float[][] planes = new float[CHANNELS][n];
        byte[] rgb = image.rgb();
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                planes[c][i] = (rgb[i * CHANNELS + c] & 0xff) / 255f;
            }
        }
        return new Pixels(image.width(), image.height(), planes);
    }

    /** The same size with other planes, which it then owns. */
    Pixels with(float[][] newPlanes) {
        return new Pixels(width, height, newPlanes);
    }

    int size() {
        return width * height;
    }

    float max() {
        float max = Float.NEGATIVE_INFINITY;
        for (float[] plane : planes) {
            for (float v : plane) {
                max = Math.max(max, v);
            }
        }
        return max;
    }

    /** Clips to [0, 1] and truncates to 8 bits. A small tolerance keeps values that came from 8 bits where they were. */
    Image toImage() {
        int n = size();
        byte[] rgb = new byte[n * CHANNELS];
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                float clipped = Math.min(1f, Math.max(0f, planes[c][i]));
                rgb[i * CHANNELS + c] = (byte) (int) (clipped * 255f + 1e-3f);
            }
        }
        return new Image(width, height, rgb);
    }
}
