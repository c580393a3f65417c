package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/** Clouds by the diamond-square method on a torus. */
final class PlasmaFractal {
    private static final double START_WIBBLE = 100;

    private final int side;
    private final double[] map;
    private final RandomGenerator random;

    private PlasmaFractal(int side, RandomGenerator random) {
        this.side = side;
        this.map = new double[side * side];
        this.random = random;
    }

    /**
     * @param side of the square map, a power of two
     * @param decay each level's random part against the one before: the greater, the smoother
     * @return side x side values, stretched to 0..1
     */
    static float[] draw(int side, double decay, RandomGenerator random) {
        PlasmaFractal fractal = new PlasmaFractal(side, random);
        double wibble = START_WIBBLE;
        for (int step = side; step >= 2; step /= 2) {
            fractal.level(step, wibble);
            wibble /= decay;
        }
        return fractal.stretched();
    }

    private void level(int step, double wibble) {
        int half = step / 2;
        for (int y = 0; y < side; y += step) {
            for (int x = 0; x < side; x += step) {
                double corners = at(y, x) + at(y + step, x) + at(y, x + step) + at(y + step, x + step);
                set(y + half, x + half, corners, wibble);
            }
        }
        for (int y = 0; y < side; y += step) {
            for (int x = 0; x < side; x += step) {
                set(y, x + half, cross(y, x + half, half), wibble);
                set(y + half, x, cross(y + half, x, half), wibble);
            }
        }
    }

    private double cross(int y, int x, int half) {
        return at(y - half, x) + at(y + half, x) + at(y, x - half) + at(y, x + half);
    }

    private double at(int y, int x) {
        return map[(y & side - 1) * side + (x & side - 1)];
    }

    private void set(int y, int x, double sumOfFour, double wibble) {
        map[(y & side - 1) * side + (x & side - 1)] = sumOfFour / 4 + wibble * wibble * (2 * random.nextDouble() - 1);
    }

    private float[] stretched() {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (double v : map) {
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        float[] out = new float[map.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) ((map[i] - min) / (max - min));
        }
        return out;
    }
}
