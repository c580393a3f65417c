package io.cema.demo.signs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.protocol.image.Image;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SignGeneratorTest {
    private final SignGenerator generator = new SignGenerator();

    @Test
    void generate_sameSeed_samePictures() {
        List<LabelledImage> first = generator.generate(40, 3).images();
        List<LabelledImage> second = new SignGenerator().generate(40, 3).images();

        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i).label()).isEqualTo(first.get(i).label());
            assertThat(second.get(i).image().rgb())
                    .isEqualTo(first.get(i).image().rgb());
        }
    }

    @Test
    void generate_longerSet_startsWithTheShorterOne() {
        Image tenth = generator.generate(10, 5).images().get(9).image();

        assertThat(generator.generate(20, 5).images().get(9).image().rgb()).isEqualTo(tenth.rgb());
    }

    @Test
    void generate_otherSeed_otherPictures() {
        assertThat(generator.generate(1, 1).images().get(0).image().rgb())
                .isNotEqualTo(generator.generate(1, 2).images().get(0).image().rgb());
    }

    @Test
    void generate_manyImages_everyClassOccurs() {
        ImageSet set = generator.generate(600, 1);

        Set<Integer> seen = new HashSet<>();
        set.images().forEach(image -> seen.add(image.label()));
        assertThat(set.classes()).isEqualTo(SignClass.labels()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(seen).hasSize(set.classes().size());
    }

    @Test
    void draw_manyTimes_neitherBlackNorWhite() {
        Random random = new Random(1);
        double sum = 0;
        for (int i = 0; i < 100; i++) {
            for (byte b : generator.draw(SignClass.SPEED_50, random).rgb()) {
                sum += b & 0xff;
            }
        }

        assertThat(sum / (100 * SignGenerator.SIDE * SignGenerator.SIDE * 3)).isBetween(80.0, 170.0);
    }

    /** The red rim of a speed limit is redder than its middle, averaged over poses and weather. */
    @Test
    void draw_speedLimit_redRimAroundWhite() {
        Random random = new Random(1);
        double rim = 0;
        double middle = 0;
        for (int i = 0; i < 200; i++) {
            Image image = generator.draw(SignClass.NO_VEHICLES, random);
            rim += redness(image, 16, 5);
            middle += redness(image, 16, 16);
        }

        assertThat(rim / 200).isGreaterThan(middle / 200 + 20);
    }

    private static double redness(Image image, int x, int y) {
        int i = 3 * (y * image.width() + x);
        return (image.rgb()[i] & 0xff) - ((image.rgb()[i + 1] & 0xff) + (image.rgb()[i + 2] & 0xff)) / 2.0;
    }
}
