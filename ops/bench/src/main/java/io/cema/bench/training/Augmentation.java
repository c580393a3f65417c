package io.cema.bench.training;

import io.cema.protocol.image.Image;
import java.util.random.RandomGenerator;

/** Changes a training image at random so that its class stays. Thread-safe; all randomness is the caller's. */
@FunctionalInterface
public interface Augmentation {
    /**
     * @param image left as it is
     * @return interleaved RGB of the same size, 0 to 1 (a little beyond is allowed); the caller's
     */
    float[] apply(Image image, RandomGenerator random);

    /** Nothing but small shifts and slight changes of light: for a net that knows good days only. */
    static Augmentation light() {
        return (image, random) -> {
            Canvas canvas = new Canvas(image, random);
            canvas.shift(2);
            canvas.gain(0.1, 0.05);
            return canvas.values();
        };
    }

    /**
     * Shifts, changes of scale, light, colour, contrast and sharpness, haze, noise and hidden parts, several at once
     * and up to strong: for a net that is to stand bad days it has not seen. None of it is one of the evaluated
     * corruptions.
     */
    static Augmentation strong() {
        return (image, random) -> {
            Canvas canvas = new Canvas(image, random);
            canvas.shift(3);
            if (random.nextInt(2) == 0) {
                canvas.smear(random.nextDouble(0.3, 1.6), random.nextDouble(0.3, 1.6));
            }
            if (random.nextInt(5) < 2) {
                canvas.streak(random.nextInt(2, 7));
            }
            if (random.nextInt(2) == 0) {
                canvas.veil(random.nextDouble(0.1, 0.75));
            }
            canvas.gain(0.25, 0.15);
            if (random.nextInt(2) == 0) {
                canvas.scale(Math.exp(-1.9 * random.nextDouble()));
            }
            if (random.nextInt(5) < 2) {
                canvas.cutOut(random.nextInt(4, 12));
            }
            if (random.nextInt(2) == 0) {
                canvas.noise(random.nextDouble(0.005, 0.09) * random.nextDouble());
            }
            return canvas.values();
        };
    }

    /**
     * The kinds of change of {@link #strong}, but none, one or two of them at a time: what a net that has been through
     * the strong ones is finished with, so that it knows good days as well.
     */
    static Augmentation moderate() {
        return (image, random) -> {
            Canvas canvas = new Canvas(image, random);
            canvas.shift(2);
            canvas.gain(0.15, 0.08);
            int changes = random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                switch (random.nextInt(6)) {
                    case 0 -> canvas.smear(random.nextDouble(0.3, 1.6), random.nextDouble(0.3, 1.6));
                    case 1 -> canvas.streak(random.nextInt(2, 7));
                    case 2 -> canvas.veil(random.nextDouble(0.1, 0.8));
                    case 3 -> canvas.scale(Math.exp(-1.9 * random.nextDouble()));
                    case 4 -> canvas.cutOut(random.nextInt(4, 10));
                    default -> canvas.noise(random.nextDouble(0.005, 0.09));
                }
            }
            return canvas.values();
        };
    }
}
