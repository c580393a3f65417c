package io.cema.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FeatureSummaryTest {
    @Test
    void distance_sameDomain_isAboutZero() {
        assertThat(FeatureSummary.of(images(64, 100, 1)).distance(FeatureSummary.of(images(64, 100, 2))))
                .isCloseTo(0, within(0.1));
    }

    @Test
    void distance_brighter_isLarge() {
        assertThat(FeatureSummary.of(images(64, 100, 1)).distance(FeatureSummary.of(images(64, 160, 2))))
                .isGreaterThan(1);
    }

    @Test
    void plus_isTheSummaryOfAll() {
        List<Image> first = images(10, 100, 1);
        List<Image> second = images(30, 140, 2);
        List<Image> all = new ArrayList<>(first);
        all.addAll(second);

        FeatureSummary joined = FeatureSummary.of(first).plus(FeatureSummary.of(second));

        assertThat(joined.count()).isEqualTo(40);
        assertThat(joined.mean()).containsExactly(FeatureSummary.of(all).mean(), within(1e-9));
        assertThat(joined.variance()).containsExactly(FeatureSummary.of(all).variance(), within(1e-9));
    }

    @Test
    void distance_ofNothing_isRefused() {
        assertThatThrownBy(() -> FeatureSummary.empty().distance(FeatureSummary.of(images(4, 100, 1))))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void of_tinyOrFlatImage_isFinite() {
        assertThat(ImageFeatures.of(new Image(1, 1, new byte[3]))).doesNotContain(Double.NaN);
        assertThat(ImageFeatures.of(new Image(4, 4, new byte[48]))).doesNotContain(Double.NaN);
    }

    private static List<Image> images(int count, int grey, long seed) {
        Random random = new Random(seed);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[16 * 16 * 3];
            for (int p = 0; p < rgb.length; p++) {
                rgb[p] = (byte) Math.max(0, Math.min(255, grey + (int) (random.nextGaussian() * 20)));
            }
            images.add(new Image(16, 16, rgb));
        }
        return images;
    }
}
