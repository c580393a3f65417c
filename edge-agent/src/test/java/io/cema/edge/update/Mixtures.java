package io.cema.edge.update;

import io.cema.edge.TestModels;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineParameters;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Adaptations for dark and for bright images, and such images. */
final class Mixtures {
    private Mixtures() {}

    /** Two differences: the first is chosen below half brightness, the second above. */
    static Adaptation darkAndBright(AffineParameters base) {
        return darkAndBright(TestModels.difference(base, .3, 1), TestModels.difference(base, .3, 2));
    }

    static Adaptation darkAndBright(AffineParameters dark, AffineParameters bright) {
        return new Adaptation(List.of(
                new Expert(dark, Optional.of(brightness(-10))), new Expert(bright, Optional.of(brightness(10)))));
    }

    /** Score 0 at half brightness. */
    private static LookScore brightness(float weight) {
        float[] weights = new float[ImageFeatures.COUNT];
        weights[0] = weight;
        return new LookScore(weights, -weight / 2);
    }

    static Image dark(long seed) {
        return image(seed, 0);
    }

    static Image bright(long seed) {
        return image(seed, 156);
    }

    private static Image image(long seed, int darkest) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * TestModels.SIZE * TestModels.SIZE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (darkest + random.nextInt(100));
        }
        return new Image(TestModels.SIZE, TestModels.SIZE, rgb);
    }
}
