package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Noise of deviation 20 about some brightness: domains whose brightness differs by d lie (d / 20)^2 / 2 nats apart. */
class DomainPartsTest {
    private static final int MOST = 5;
    private final Random random = new Random(3);

    @Test
    void of_separableDomains_findsThemWhateverTheOrder() {
        List<Integer> brightness = new ArrayList<>();
        brightness.addAll(Collections.nCopies(30, 60));
        brightness.addAll(Collections.nCopies(24, 120));
        brightness.addAll(Collections.nCopies(18, 180));
        for (int order = 0; order < 3; order++) {
            Collections.shuffle(brightness, new Random(order));

            List<int[]> parts = parts(brightness, MOST);

            assertThat(parts).extracting(part -> part.length).containsExactly(30, 24, 18);
            assertThat(parts).extracting(part -> brightnessOf(part, brightness)).containsExactly(60, 120, 180);
        }
    }

    @Test
    void of_oneDomain_staysOnePart() {
        List<int[]> parts = parts(Collections.nCopies(60, 120), MOST);

        assertThat(parts).hasSize(1);
        assertThat(parts.get(0)).isEqualTo(IntStream.range(0, 60).toArray());
    }

    @Test
    void of_contentsThatDifferALittle_staysOnePart() {
        // 0.08 nats from each other.
        assertThat(parts(two(30, 120, 30, 128), MOST)).hasSize(1);
    }

    @Test
    void of_domainsThatDifferALittleMore_takesThemApart() {
        // 0.32 nats.
        assertThat(parts(two(30, 120, 30, 136), MOST)).hasSize(2);
    }

    @Test
    void of_contentsAroundTheirDomain_staysOnePart() {
        // 0.15 nats from each other, and both further from the source than all together, whose values vary more.
        List<int[]> parts = parts(two(30, 122, 30, 133), MOST);

        assertThat(parts).hasSize(1);
        assertThat(parts.get(0)).isEqualTo(IntStream.range(0, 60).toArray());
    }

    @Test
    void of_partsFurtherApartThanThatExplains_takesThemApart() {
        // 0.21 nats from each other; together they are a tenth nearer the source.
        assertThat(parts(two(30, 121, 30, 134), MOST)).hasSize(2);
    }

    @Test
    void of_theSameBesideOddOnes_takesThemApart() {
        List<Integer> brightness = two(30, 122, 30, 133);
        brightness.addAll(Collections.nCopies(5, 220));

        assertThat(parts(brightness, MOST)).extracting(part -> part.length).containsExactly(30, 30);
    }

    @Test
    void of_partsOfWhichOneIsNearerTheSourceThanAll_takesThemApart() {
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            // 0.18 nats from each other; the source's values vary more than either's.
            images.add(SourceDistances.noise(127, i < 30 ? 20 : 31, random));
        }

        assertThat(DomainParts.of(SourceDistances.of(images), MOST))
                .extracting(part -> part.length)
                .containsExactly(30, 30);
    }

    @Test
    void of_aSmallPartNotFarAway_joinsItsNearest() {
        // 0.18 nats from the dark ones.
        List<Integer> brightness = two(40, 60, 40, 140);
        brightness.addAll(Collections.nCopies(8, 72));

        List<int[]> parts = parts(brightness, MOST);

        assertThat(parts).hasSize(2);
        assertThat(parts.get(0)).hasSize(48).contains(IntStream.range(80, 88).toArray());
        assertThat(parts.get(1)).hasSize(40);
    }

    @Test
    void of_aSmallPartFarFromAll_isInNone() {
        List<Integer> brightness = two(40, 60, 40, 140);
        brightness.addAll(Collections.nCopies(8, 220));
        int[] small = IntStream.range(80, 88).toArray();

        List<int[]> parts = parts(brightness, MOST);

        assertThat(parts).hasSize(2);
        assertThat(parts).allSatisfy(part -> assertThat(part).hasSize(40).doesNotContain(small));
    }

    @Test
    void of_oneDomainAndFewOddOnes_isOnePartWithoutThem() {
        List<int[]> parts = parts(two(40, 60, 5, 220), MOST);

        assertThat(parts).hasSize(1);
        assertThat(parts.get(0)).isEqualTo(IntStream.range(0, 40).toArray());
    }

    @Test
    void of_aSmallPartFarFromAllThatIsNotRare_joinsItsNearest() {
        // A third of 27 images is a domain of its own, too few to be measured.
        List<Integer> brightness = two(9, 60, 9, 140);
        brightness.addAll(Collections.nCopies(9, 220));

        List<int[]> parts = parts(brightness, MOST);

        assertThat(parts.stream().mapToInt(part -> part.length).sum()).isEqualTo(27);
    }

    @Test
    void of_nothingButSmallParts_joinsRatherThanDropsThem() {
        List<int[]> parts = parts(two(9, 60, 9, 140), MOST);

        assertThat(parts).hasSize(1);
        assertThat(parts.get(0)).hasSize(18);
    }

    @Test
    void of_moreDomainsThanExperts_givesTheMost() {
        List<Integer> brightness = two(20, 40, 20, 56);
        brightness.addAll(two(20, 140, 20, 200));

        List<int[]> parts = parts(brightness, 3);

        assertThat(parts).hasSize(3);
        // The two that are closest went together.
        assertThat(parts.get(0)).isEqualTo(IntStream.range(0, 40).toArray());
    }

    @Test
    void of_theSameImages_isTheSameEveryTime() {
        SourceDistance measured = SourceDistances.of(images(two(30, 60, 30, 140)));

        List<int[]> once = DomainParts.of(measured, MOST);
        List<int[]> again = DomainParts.of(measured, MOST);

        assertThat(again.stream().map(Arrays::toString))
                .isEqualTo(once.stream().map(Arrays::toString).toList());
    }

    private static List<Integer> two(int some, int dark, int others, int bright) {
        List<Integer> brightness = new ArrayList<>(Collections.nCopies(some, dark));
        brightness.addAll(Collections.nCopies(others, bright));
        return brightness;
    }

    /** What all images of the part have in common. */
    private static int brightnessOf(int[] part, List<Integer> brightness) {
        return IntStream.of(part).map(brightness::get).distinct().boxed().toList().stream()
                .reduce((a, b) -> -1)
                .orElseThrow();
    }

    private List<int[]> parts(List<Integer> brightness, int most) {
        return DomainParts.of(SourceDistances.of(images(brightness)), most);
    }

    private List<Image> images(List<Integer> brightness) {
        return brightness.stream()
                .map(mean -> SourceDistances.noise(mean, 20, random))
                .toList();
    }
}
