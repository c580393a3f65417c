package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/** What falls from the sky or hangs in the air. */
final class Weather {
    private static final float[] FOG_AMOUNT = {.2f, .5f, .75f, 1f, 1.5f};
    private static final double[] FOG_DECAY = {3, 3, 2.5, 2, 1.75};
    private static final Snow[] SNOW = {
        new Snow(.1, .2, 1, .6f, 8, 3, .95f),
        new Snow(.1, .2, 1, .5f, 10, 4, .9f),
        new Snow(.15, .3, 1.75, .55f, 10, 4, .9f),
        new Snow(.25, .3, 2.25, .6f, 12, 6, .85f),
        new Snow(.3, .3, 1.25, .65f, 14, 12, .8f)
    };

    private record Snow(
            double mean, double deviation, double zoom, float threshold, int radius, double trail, float kept) {}

    private Weather() {}

    /** Flakes with trails over a whitened scene. */
    static Pixels snow(Pixels x, int level, RandomGenerator random) {
        Snow snow = SNOW[level];
        float[] flakes = flakes(x.width, x.height, snow, random);
        int n = x.size();
        for (int i = 0; i < n; i++) {
            float grey = .299f * x.planes[0][i] + .587f * x.planes[1][i] + .114f * x.planes[2][i];
            float white = grey * 1.5f + .5f;
            for (float[] plane : x.planes) {
                plane[i] = snow.kept * plane[i]
                        + (1 - snow.kept) * Math.max(plane[i], white)
                        + flakes[i]
                        + flakes[n - 1 - i];
            }
        }
        return x;
    }

    private static float[] flakes(int width, int height, Snow snow, RandomGenerator random) {
        float[] layer = new float[width * height];
        for (int i = 0; i < layer.length; i++) {
            layer[i] = (float) (snow.mean + snow.deviation * random.nextGaussian());
        }
        layer = Sampling.centreZoom(layer, width, height, snow.zoom);
        for (int i = 0; i < layer.length; i++) {
            layer[i] = layer[i] < snow.threshold ? 0 : Math.min(1, layer[i]);
        }
        return Blur.along(layer, width, height, snow.radius, snow.trail, -135 + 90 * random.nextDouble());
    }

    /** A bright haze of uneven density, at the cost of contrast. */
    static Pixels fog(Pixels x, int level, RandomGenerator random) {
        float amount = FOG_AMOUNT[level];
        int side = Integer.highestOneBit(Math.max(2, Math.max(x.width, x.height) * 2 - 1));
        float[] haze = PlasmaFractal.draw(side, FOG_DECAY[level], random);
        float max = x.max();
        for (int row = 0; row < x.height; row++) {
            for (int column = 0; column < x.width; column++) {
                int i = row * x.width + column;
                for (float[] plane : x.planes) {
                    plane[i] = (plane[i] + amount * haze[row * side + column]) * max / (max + amount);
                }
            }
        }
        return x;
    }
}
