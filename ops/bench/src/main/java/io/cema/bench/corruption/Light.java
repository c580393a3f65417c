package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/** Too much light, too little, or too little difference. */
final class Light {
    private static final float[] BRIGHTNESS_ADDED = {.05f, .1f, .15f, .2f, .3f};
    private static final float[] CONTRAST_KEPT = {.75f, .5f, .4f, .3f, .15f};
    private static final float[] DARK_LIGHT = {.6f, .45f, .35f, .25f, .15f};
    private static final float[] DARK_NOISE = {.01f, .015f, .02f, .025f, .03f};

    private Light() {}

    /** Raises the value of HSV; hue and saturation stay, so each channel is scaled alike. */
    static Pixels brightness(Pixels x, int level, RandomGenerator random) {
        float added = BRIGHTNESS_ADDED[level];
        for (int i = 0; i < x.size(); i++) {
            float value = Math.max(x.planes[0][i], Math.max(x.planes[1][i], x.planes[2][i]));
            float raised = Math.min(1f, value + added);
            for (float[] plane : x.planes) {
                plane[i] = value == 0 ? raised : plane[i] * raised / value;
            }
        }
        return x;
    }

    /** Draws every value towards its channel's mean. */
    static Pixels contrast(Pixels x, int level, RandomGenerator random) {
        float kept = CONTRAST_KEPT[level];
        for (float[] plane : x.planes) {
            double sum = 0;
            for (float v : plane) {
                sum += v;
            }
            float mean = (float) (sum / plane.length);
            for (int i = 0; i < plane.length; i++) {
                plane[i] = (plane[i] - mean) * kept + mean;
            }
        }
        return x;
    }

    /** Night: little light, and the noise of a sensor that has little light. */
    static Pixels dark(Pixels x, int level, RandomGenerator random) {
        for (float[] plane : x.planes) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] *= DARK_LIGHT[level];
            }
        }
        Noise.addGaussian(x, DARK_NOISE[level], random);
        return x;
    }
}
