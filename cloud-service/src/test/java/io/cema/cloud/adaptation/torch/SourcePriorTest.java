package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.image.Image;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourcePriorTest {
    private static final Calibration CALIBRATION = Calibration.defaults();
    private final Learner teacher = SourceDistances.learner(SourceDistances.pixels(), SourceDistances.SIDE, 3);
    private final SourcePrior prior = new SourcePrior(teacher, CALIBRATION);

    @AfterEach
    void close() {
        teacher.close();
    }

    @Test
    void ofWhatIsLearnt_isAllAtTheSourceAndLittleFarFromIt() {
        assertThat(SourcePrior.ofWhatIsLearnt(0)).isEqualTo(1);
        assertThat(SourcePrior.ofWhatIsLearnt(0.035)).isCloseTo(0.5, within(1e-9));
        assertThat(SourcePrior.ofWhatIsLearnt(0.2)).isLessThan(0.05);
    }

    @Test
    void ofPart_theNearerTheSource_theMoreOfItStays() {
        List<Image> images = images(100, 40);

        assertThat(prior.ofPart(images, 0)).isEqualTo(1);
        assertThat(prior.ofPart(images, 0.03)).isGreaterThan(prior.ofPart(images, 0.3));
        assertThat(prior.ofPart(images, 10)).isBetween(CALIBRATION.prior(), 1.0);
    }

    @Test
    void of_imagesLikeTheSources_keepsNearlyAllOfIt() {
        // Half black, half white: mean 0.5 and variance 0.25 in each colour.
        Image likeTheSource = SourceDistances.halves(new int[] {0, 0, 0}, new int[] {255, 255, 255});

        assertThat(prior.of(List.of(likeTheSource, likeTheSource))).isCloseTo(1, within(1e-3));
        assertThat(prior.of(images(100, 40))).isLessThan(1);
    }

    private static List<Image> images(double mean, int count) {
        Random random = new Random(5);
        return IntStream.range(0, count)
                .mapToObj(i -> SourceDistances.noise(mean, 20, random))
                .toList();
    }
}
