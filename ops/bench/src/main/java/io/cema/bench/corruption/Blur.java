package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/** Optics and movement. */
final class Blur {
    private static final double[] DEFOCUS_RADIUS = {.3, .4, .5, 1, 1.5};
    private static final double[] DEFOCUS_SOFTENING = {.4, .5, .6, .2, .1};
    private static final int[] MOTION_RADIUS = {6, 6, 6, 8, 9};
    private static final double[] MOTION_DEVIATION = {1, 1.5, 2, 2, 2.5};
    private static final int[] ZOOM_PERCENT = {6, 11, 16, 21, 26};

    private Blur() {}

    /** A disc, its rim softened by a 3x3 Gaussian. */
    static Pixels defocus(Pixels x, int level, RandomGenerator random) {
        double radius = DEFOCUS_RADIUS[level];
        int reach = (int) Math.floor(radius) + 1;
        int side = 2 * reach + 1;
        double[] disc = new double[side * side];
        double sum = 0;
        for (int dy = -reach; dy <= reach; dy++) {
            for (int dx = -reach; dx <= reach; dx++) {
                if (dx * dx + dy * dy <= radius * radius) {
                    disc[(dy + reach) * side + dx + reach] = 1;
                    sum++;
                }
            }
        }
        double[] kernel = soften(disc, side, DEFOCUS_SOFTENING[level]);
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        float[][] out = new float[Pixels.CHANNELS][];
        for (int c = 0; c < out.length; c++) {
            out[c] = convolve(x.planes[c], x.width, x.height, kernel, reach);
        }
        return x.with(out);
    }

    private static double[] soften(double[] disc, int side, double deviation) {
        double wing = Math.exp(-1 / (2 * deviation * deviation));
        double[] taps = {wing / (1 + 2 * wing), 1 / (1 + 2 * wing), wing / (1 + 2 * wing)};
        double[] out = new double[side * side];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        if (y + dy >= 0 && y + dy < side && x + dx >= 0 && x + dx < side) {
                            out[y * side + x] += taps[dy + 1] * taps[dx + 1] * disc[(y + dy) * side + x + dx];
                        }
                    }
                }
            }
        }
        return out;
    }

    private static float[] convolve(float[] plane, int width, int height, double[] kernel, int reach) {
        int side = 2 * reach + 1;
        float[] out = new float[plane.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double sum = 0;
                for (int dy = -reach; dy <= reach; dy++) {
                    int row = Border.mirror(y + dy, height) * width;
                    for (int dx = -reach; dx <= reach; dx++) {
                        sum += kernel[(dy + reach) * side + dx + reach] * plane[row + Border.mirror(x + dx, width)];
                    }
                }
                out[y * width + x] = (float) sum;
            }
        }
        return out;
    }

    /** The camera moved while the shutter was open, mostly sideways. */
    static Pixels motion(Pixels x, int level, RandomGenerator random) {
        double degrees = -45 + 90 * random.nextDouble();
        float[][] out = new float[Pixels.CHANNELS][];
        for (int c = 0; c < out.length; c++) {
            out[c] = along(x.planes[c], x.width, x.height, MOTION_RADIUS[level], MOTION_DEVIATION[level], degrees);
        }
        return x.with(out);
    }

    /**
     * A one-sided Gaussian of 2 radius + 1 taps on a line; beyond the border stands the border's own value.
     *
     * @param degrees direction of the line, 0 to the right, 90 down
     */
    static float[] along(float[] plane, int width, int height, int radius, double deviation, double degrees) {
        int taps = 2 * radius + 1;
        double[] weight = new double[taps];
        int[] dx = new int[taps];
        int[] dy = new int[taps];
        double sum = 0;
        for (int i = 0; i < taps; i++) {
            weight[i] = Math.exp(-(double) i * i / (2 * deviation * deviation));
            sum += weight[i];
            dx[i] = (int) Math.ceil(i * Math.cos(Math.toRadians(degrees)) - 0.5);
            dy[i] = (int) Math.ceil(i * Math.sin(Math.toRadians(degrees)) - 0.5);
        }
        float[] out = new float[plane.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double value = 0;
                for (int i = 0; i < taps; i++) {
                    value +=
                            weight[i] * plane[Border.clamp(y + dy[i], height) * width + Border.clamp(x + dx[i], width)];
                }
                out[y * width + x] = (float) (value / sum);
            }
        }
        return out;
    }

    /** The mean of the image and its centre zooms 1, 1.01, ... */
    static Pixels zoom(Pixels x, int level, RandomGenerator random) {
        int percents = ZOOM_PERCENT[level];
        float[][] out = new float[Pixels.CHANNELS][];
        for (int c = 0; c < out.length; c++) {
            float[] sum = x.planes[c].clone();
            for (int percent = 0; percent < percents; percent++) {
                float[] zoomed = Sampling.centreZoom(x.planes[c], x.width, x.height, 1 + percent / 100.0);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += zoomed[i];
                }
            }
            for (int i = 0; i < sum.length; i++) {
                sum[i] /= percents + 1;
            }
            out[c] = sum;
        }
        return x.with(out);
    }
}
