package io.cema.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class ImageFeaturesTest {
    private static final int SIDE = 32;
    private static final int COLOUR_GRADIENTS = 12;

    private final Random random = new Random(1);

    @Test
    void colourGradients_ofNoiseInEachChannel_areAsStrongAsThoseOfLuminance() {
        Image noise = image(value -> 128 + (int) (30 * random.nextGaussian()), false);
        Image grey = image(value -> 128 + (int) (30 * random.nextGaussian()), true);

        assertThat(ImageFeatures.of(noise)[COLOUR_GRADIENTS]).isBetween(0.0, 1.0);
        assertThat(ImageFeatures.of(grey)[COLOUR_GRADIENTS]).isLessThan(-2);
    }

    @Test
    void colourGradients_hardlyChangeWithTheContrast() {
        byte[] full = new byte[SIDE * SIDE * 3];
        random.nextBytes(full);
        byte[] half = new byte[full.length];
        for (int i = 0; i < full.length; i++) {
            half[i] = (byte) (64 + (full[i] & 0xff) / 2);
        }

        assertThat(ImageFeatures.of(new Image(SIDE, SIDE, half))[COLOUR_GRADIENTS])
                .isCloseTo(ImageFeatures.of(new Image(SIDE, SIDE, full))[COLOUR_GRADIENTS], within(0.05));
    }

    /** @param alike whether the three channels have the same values */
    private static Image image(IntUnaryOperator value, boolean alike) {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = alike && i % 3 > 0 ? rgb[i - 1] : (byte) Math.max(0, Math.min(255, value.applyAsInt(i)));
        }
        return new Image(SIDE, SIDE, rgb);
    }
}
