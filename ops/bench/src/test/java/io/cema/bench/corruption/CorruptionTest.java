package io.cema.bench.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.image.Image;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CorruptionTest {
    @Test
    void all_fourteen() {
        assertThat(Corruption.all()).hasSize(14).extracting(Corruption::name).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({"fog,fog", "night,dark", "motion,motion_blur", "Defocus-Blur,defocus_blur", "gaussian,gaussian_noise"})
    void of_nameOrAlias_found(String asked, String expected) {
        assertThat(Corruption.of(asked).name()).isEqualTo(expected);
    }

    @Test
    void of_unknown_listsTheNames() {
        assertThatThrownBy(() -> Corruption.of("rain"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rain")
                .hasMessageContaining("fog, brightness");
    }

    @Test
    void apply_severityOutOfRange_refused() {
        assertThatThrownBy(() -> Corruption.of("fog").apply(scene(32, 32), 6, new Random(1)))
                .hasMessageContaining("severity 6");
    }

    static Iterable<Corruption> corruptions() {
        return Corruption.all();
    }

    @ParameterizedTest
    @MethodSource("corruptions")
    void apply_sameSeed_sameBytes(Corruption corruption) {
        Image first = corruption.apply(scene(32, 32), 4, new Random(7));
        Image second = corruption.apply(scene(32, 32), 4, new Random(7));

        assertThat(second.rgb()).isEqualTo(first.rgb());
    }

    @ParameterizedTest
    @MethodSource("corruptions")
    void apply_argumentUntouched(Corruption corruption) {
        Image image = scene(32, 32);

        corruption.apply(image, 5, new Random(7));

        assertThat(image.rgb()).isEqualTo(scene(32, 32).rgb());
    }

    /** Mean distance to the clean image over 20 scenes must grow from severity 1 to 5. */
    @ParameterizedTest
    @MethodSource("corruptions")
    void apply_moreSeverity_furtherFromTheOriginal(Corruption corruption) {
        assertThat(meanDistance(corruption, 5)).isGreaterThan(meanDistance(corruption, 1));
    }

    @ParameterizedTest
    @MethodSource("corruptions")
    void apply_oddSizes_keepsTheSize(Corruption corruption) {
        for (int[] size : new int[][] {{1, 1}, {3, 2}, {33, 17}, {64, 48}}) {
            Image out = corruption.apply(scene(size[0], size[1]), 5, new Random(3));

            assertThat(out.width()).isEqualTo(size[0]);
            assertThat(out.height()).isEqualTo(size[1]);
        }
    }

    /** Mid-grey, 128/255, is far enough from both ends that clipping does not matter at 4 deviations. */
    @ParameterizedTest
    @CsvSource({"1,0.04", "3,0.08", "5,0.10"})
    void gaussianNoise_onGrey_hasItsDeviation(int severity, double expected) {
        double[] moments = moments(Corruption.of("gaussian_noise").apply(grey(256, 256, 128), severity, new Random(5)));

        assertThat(moments[1]).isCloseTo(expected, within(0.001));
        // Truncation to 8 bits takes half a step off the mean.
        assertThat(moments[0]).isCloseTo((128 - 0.5) / 255, within(0.001));
    }

    /** Poisson(c x)/c has variance x/c; 0.5 at c = 50 and 500 uses both samplers of large means. */
    @ParameterizedTest
    @CsvSource({"128,5,50", "128,1,500", "20,5,50"})
    void shotNoise_onGrey_hasPoissonVariance(int level, int severity, double photons) {
        double[] moments = moments(Corruption.of("shot_noise").apply(grey(256, 256, level), severity, new Random(5)));

        double x = level / 255.0;
        assertThat(moments[1]).isCloseTo(Math.sqrt(x / photons), within(0.002));
        assertThat(moments[0]).isCloseTo(x, within(0.003));
    }

    @Test
    void impulseNoise_share_halfSaltHalfPepper() {
        byte[] rgb = Corruption.of("impulse_noise")
                .apply(grey(256, 256, 128), 5, new Random(5))
                .rgb();
        double salt = 0;
        double pepper = 0;
        for (byte b : rgb) {
            salt += b == (byte) 255 ? 1 : 0;
            pepper += b == 0 ? 1 : 0;
        }

        assertThat(salt / rgb.length).isCloseTo(0.035, within(0.002));
        assertThat(pepper / rgb.length).isCloseTo(0.035, within(0.002));
    }

    @Test
    void contrast_keepsTheChannelMean() {
        double before = moments(scene(32, 32))[0];
        double[] after = moments(Corruption.of("contrast").apply(scene(32, 32), 5, new Random(1)));

        assertThat(after[0]).isCloseTo(before, within(0.004));
    }

    @Test
    void brightness_keepsTheHue() {
        Image image = new Image(1, 1, new byte[] {100, 50, 0});

        byte[] out = Corruption.of("brightness").apply(image, 2, new Random(1)).rgb();

        // Value rises by 0.1, that is 25.5: 100 to 125.5, and the others in proportion.
        assertThat(out).containsExactly(125, 62, 0);
    }

    @Test
    void blurs_onConstantImage_changeNothing() {
        for (String name : new String[] {"defocus_blur", "motion_blur", "zoom_blur", "elastic", "pixelate"}) {
            byte[] out = Corruption.of(name)
                    .apply(grey(32, 32, 77), 5, new Random(1))
                    .rgb();

            assertThat(out).as(name).containsOnly((byte) 77);
        }
    }

    @Test
    void toImage_truncatesAndClips() {
        Pixels pixels = Pixels.of(grey(1, 1, 0));
        pixels.planes[0][0] = 100.9f / 255;
        pixels.planes[1][0] = 1.7f;
        pixels.planes[2][0] = -0.2f;

        assertThat(pixels.toImage().rgb()).containsExactly(100, (byte) 255, 0);
    }

    private static double meanDistance(Corruption corruption, int severity) {
        Image clean = scene(32, 32);
        double sum = 0;
        for (int seed = 0; seed < 20; seed++) {
            byte[] out = corruption.apply(clean, severity, new Random(seed)).rgb();
            for (int i = 0; i < out.length; i++) {
                sum += Math.abs((out[i] & 0xff) - (clean.rgb()[i] & 0xff));
            }
        }
        return sum;
    }

    /** Mean and standard deviation over all values, on the scale 0 to 1. */
    private static double[] moments(Image image) {
        double sum = 0;
        double squares = 0;
        for (byte b : image.rgb()) {
            double v = (b & 0xff) / 255.0;
            sum += v;
            squares += v * v;
        }
        double mean = sum / image.rgb().length;
        return new double[] {mean, Math.sqrt(squares / image.rgb().length - mean * mean)};
    }

    private static Image grey(int width, int height, int level) {
        byte[] rgb = new byte[width * height * 3];
        java.util.Arrays.fill(rgb, (byte) level);
        return new Image(width, height, rgb);
    }

    /** Coloured stripes with some texture: edges in every direction, dark and light. */
    private static Image scene(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    double v = 110 + 70 * Math.sin((x * (c + 1) + 2 * y) / 8.0) + 40 * Math.cos(x * y / 60.0);
                    rgb[(y * width + x) * 3 + c] = (byte) Math.max(0, Math.min(255, v));
                }
            }
        }
        return new Image(width, height, rgb);
    }
}
