package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/** Noise of the sensor and the line, independent for every value. */
final class Noise {
    private static final float[] GAUSSIAN_DEVIATION = {.04f, .06f, .08f, .09f, .10f};
    private static final int[] PHOTONS_AT_WHITE = {500, 250, 100, 75, 50};
    private static final float[] IMPULSE_SHARE = {.01f, .02f, .03f, .05f, .07f};

    private Noise() {}

    static Pixels gaussian(Pixels x, int level, RandomGenerator random) {
        addGaussian(x, GAUSSIAN_DEVIATION[level], random);
        return x;
    }

    static void addGaussian(Pixels x, float deviation, RandomGenerator random) {
        for (float[] plane : x.planes) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] += (float) (deviation * random.nextGaussian());
            }
        }
    }

    /** Photon noise: Poisson(c x) / c. */
    static Pixels shot(Pixels x, int level, RandomGenerator random) {
        int photons = PHOTONS_AT_WHITE[level];
        for (float[] plane : x.planes) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = (float) Poisson.next((double) plane[i] * photons, random) / photons;
            }
        }
        return x;
    }

    /** Salt and pepper per value, half each. */
    static Pixels impulse(Pixels x, int level, RandomGenerator random) {
        float share = IMPULSE_SHARE[level];
        for (float[] plane : x.planes) {
            for (int i = 0; i < plane.length; i++) {
                if (random.nextFloat() < share) {
                    plane[i] = random.nextBoolean() ? 1f : 0f;
                }
            }
        }
        return x;
    }
}
