package io.cema.demo.signs;

import io.cema.protocol.image.Image;
import java.util.random.RandomGenerator;

/** A cheap outdoor camera on one day: its focus, exposure, white balance and noise. */
final class Camera {
    private final RandomGenerator random;
    private final double focus;
    private final double exposure;
    private final double gamma;
    private final double[] balance;
    private final double readNoise;
    private final double photonNoise;

    Camera(RandomGenerator random) {
        this.random = random;
        this.focus = random.nextDouble(0.8, 2.2);
        this.exposure = Math.exp(random.nextGaussian() * 0.12);
        this.gamma = Math.exp(random.nextGaussian() * 0.12);
        double warmth = random.nextGaussian() * 0.06;
        double tint = random.nextGaussian() * 0.025;
        this.balance = new double[] {1 + warmth, 1 + tint, 1 - warmth};
        this.readNoise = random.nextDouble(0.003, 0.015);
        this.photonNoise = random.nextDouble(0.005, 0.025);
    }

    /**
     * Takes the picture.
     *
     * @param scene three planes of (side * fine) squared values; spoilt by the call
     * @param fine scene pixels per picture pixel
     */
    Image expose(float[][] scene, int side, int fine) {
        Optics.blur(scene, side * fine, focus);
        byte[] rgb = new byte[side * side * 3];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                for (int c = 0; c < 3; c++) {
                    double light = Math.max(0, mean(scene[c], side * fine, x * fine, y * fine, fine));
                    double signal = Math.pow(Math.min(1.2, light * exposure * balance[c]), gamma);
                    signal +=
                            readNoise * random.nextGaussian() + photonNoise * Math.sqrt(signal) * random.nextGaussian();
                    rgb[3 * (y * side + x) + c] = (byte) Math.min(255, Math.max(0, Math.round(signal * 255)));
                }
            }
        }
        return new Image(side, side, rgb);
    }

    private static double mean(float[] plane, int width, int left, int top, int size) {
        double sum = 0;
        for (int y = top; y < top + size; y++) {
            for (int x = left; x < left + size; x++) {
                sum += plane[y * width + x];
            }
        }
        return sum / (size * size);
    }
}
