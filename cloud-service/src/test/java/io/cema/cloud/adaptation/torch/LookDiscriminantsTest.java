package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.ImageFeatures;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LookDiscriminantsTest {
    private static final double[] NONE = new double[2];
    private final Random random = new Random(5);

    @Test
    void of_twoLooks_tellsThemApart() {
        List<LookScore> scores = LookDiscriminants.of(List.of(features(60, 0), features(60, 2)), NONE);

        assertThat(share(scores, 0, features(200, 0))).isGreaterThan(0.95);
        assertThat(share(scores, 1, features(200, 2))).isGreaterThan(0.95);
    }

    @Test
    void of_equalShares_putsTheBorderHalfWay() {
        List<LookScore> scores = LookDiscriminants.of(List.of(features(500, 0), features(500, 2)), NONE);

        // By 12 features of distance 2 each, a point is worth 2 nats per feature.
        assertThat(lead(scores, all(1)) / 24).isCloseTo(0, within(0.2));
        assertThat(lead(scores, all(0))).isPositive();
        assertThat(lead(scores, all(2))).isNegative();
    }

    @Test
    void of_aFavour_addsItsNatsToThatDomain() {
        List<List<double[]>> domains = List.of(features(60, 0), features(60, 2));

        List<LookScore> even = LookDiscriminants.of(domains, NONE);
        List<LookScore> favoured = LookDiscriminants.of(domains, new double[] {3, 0});

        double[] between = all(1);
        assertThat(lead(favoured, between) - lead(even, between)).isCloseTo(3, within(1e-3));
    }

    @Test
    void of_aDomainOfMoreImages_isTheLikelierInDoubt() {
        double[] between = all(0);

        List<LookScore> scores = LookDiscriminants.of(List.of(features(300, 0), features(100, 0)), NONE);

        // What the means of the smaller one scatter by is left over.
        assertThat(lead(scores, between)).isCloseTo(Math.log(3), within(0.5));
    }

    @Test
    void of_aFeatureThatIsConstant_doesNoHarm() {
        List<LookScore> scores =
                LookDiscriminants.of(List.of(constant(features(60, 0), 0.3), constant(features(60, 2), 0.3)), NONE);

        assertThat(scores).allSatisfy(score -> {
            assertThat(score.weights()[3]).isCloseTo(0, within(1e-6f));
            assertThat(Float.isFinite(score.bias())).isTrue();
        });
        assertThat(share(scores, 1, constant(features(200, 2), 0.3))).isGreaterThan(0.95);
    }

    @Test
    void of_aFeatureThatIsConstantInEachDomain_givesFiniteScores() {
        List<LookScore> scores =
                LookDiscriminants.of(List.of(constant(features(60, 0), 0.3), constant(features(60, 0), 0.6)), NONE);

        assertThat(share(scores, 0, constant(features(50, 0), 0.3))).isEqualTo(1);
        assertThat(share(scores, 1, constant(features(50, 0), 0.6))).isEqualTo(1);
    }

    @Test
    void of_equalImages_givesFiniteScores() {
        List<LookScore> scores = LookDiscriminants.of(List.of(List.of(all(1), all(1)), List.of(all(1))), NONE);

        assertThat(lead(scores, all(1))).isCloseTo(Math.log(2), within(1e-6));
    }

    /** By how much the first domain's score is higher than the second's. */
    private static double lead(List<LookScore> scores, double[] features) {
        return scores.get(0).of(features) - scores.get(1).of(features);
    }

    private static double share(List<LookScore> scores, int domain, List<double[]> images) {
        return images.stream()
                        .mapToInt(image -> lead(scores, image) > 0 ? 0 : 1)
                        .filter(chosen -> chosen == domain)
                        .count()
                / (double) images.size();
    }

    private static List<double[]> constant(List<double[]> images, double value) {
        images.forEach(image -> image[3] = value);
        return images;
    }

    private static double[] all(double value) {
        return IntStream.range(0, ImageFeatures.COUNT).mapToDouble(i -> value).toArray();
    }

    /** Scattering by 1 about a mean. */
    private List<double[]> features(int count, double mean) {
        return IntStream.range(0, count)
                .mapToObj(i -> IntStream.range(0, ImageFeatures.COUNT)
                        .mapToDouble(j -> mean + random.nextGaussian())
                        .toArray())
                .toList();
    }
}
