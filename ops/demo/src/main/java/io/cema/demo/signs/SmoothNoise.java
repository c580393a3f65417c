package io.cema.demo.signs;

import java.util.random.RandomGenerator;

/** Random values 0 to 1 at the knots of a grid over the unit square, smooth between them: shadow, dirt, fading. */
final class SmoothNoise {
    private final int knots;
    private final float[] values;

    SmoothNoise(int knots, RandomGenerator random) {
        this.knots = knots;
        this.values = new float[knots * knots];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
    }

    /** @param x 0 to 1, clamped; y likewise */
    float at(double x, double y) {
        double gx = Math.min(0.9999, Math.max(0, x)) * (knots - 1);
        double gy = Math.min(0.9999, Math.max(0, y)) * (knots - 1);
        int x0 = (int) gx;
        int y0 = (int) gy;
        float fx = ease(gx - x0);
        float fy = ease(gy - y0);
        int i = y0 * knots + x0;
        float upper = values[i] + fx * (values[i + 1] - values[i]);
        float lower = values[i + knots] + fx * (values[i + knots + 1] - values[i + knots]);
        return upper + fy * (lower - upper);
    }

    private static float ease(double t) {
        return (float) (t * t * (3 - 2 * t));
    }
}
