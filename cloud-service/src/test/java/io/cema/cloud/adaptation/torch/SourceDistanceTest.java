package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SourceDistanceTest {
    /** Of divergences from float32 means. */
    private static final Offset<Double> ROUNDING = within(1e-5);
    /** Mean 0.5, variance 0.25 in each colour: as the source. */
    private static final Image AS_SOURCE = halves(0, 255);
    /** Mean 0.2, variance 0.04. */
    private static final Image SHIFTED = halves(0, 102);
    /** ((0.04 + 0.09) / 0.25 + (0.25 + 0.09) / 0.04 - 2) / 4. */
    private static final double APART = 1.755;

    @Test
    void ofAll_imagesLikeTheSource_isNought() {
        assertThat(SourceDistances.of(List.of(AS_SOURCE, AS_SOURCE)).ofAll()).isCloseTo(0, ROUNDING);
    }

    @Test
    void ofAll_shiftedAndFlatter_isTheSymmetricDivergence() {
        assertThat(SourceDistances.of(List.of(SHIFTED)).ofAll()).isCloseTo(APART, ROUNDING);
    }

    @Test
    void ofAll_oneChannelOff_isItsShareOfTheMean() {
        Image red = SourceDistances.halves(new int[] {0, 0, 0}, new int[] {102, 255, 255});

        assertThat(SourceDistances.of(List.of(red)).ofAll()).isCloseTo(APART / 3, ROUNDING);
    }

    @Test
    void ofAll_aChannelWithoutVariance_saysNoMoreThanTheMost() {
        // 0.25 over the least variance would be 62,500 nats.
        Image red = SourceDistances.halves(new int[] {0, 0, 0}, new int[] {0, 255, 255});

        assertThat(SourceDistances.of(List.of(red)).ofAll()).isCloseTo(20.0 / 3, ROUNDING);
    }

    @Test
    void of_someImages_poolsTheirPixels() {
        SourceDistance measured = SourceDistances.of(List.of(halves(0, 0), SHIFTED, halves(255, 255)));

        // Each by itself has no variance; together they are as the source.
        assertThat(measured.of(new int[] {0, 2})).isCloseTo(0, ROUNDING);
        assertThat(measured.of(new int[] {1})).isCloseTo(APART, ROUNDING);
    }

    @Test
    void ofAll_isOfEveryImage() {
        SourceDistance measured = SourceDistances.of(noise(10));

        assertThat(measured.images()).isEqualTo(10);
        assertThat(measured.ofAll())
                .isEqualTo(measured.of(IntStream.range(0, 10).toArray()));
    }

    @Test
    void between_isTheDivergenceOfTheTwo_eitherWay() {
        SourceDistance measured = SourceDistances.of(List.of(AS_SOURCE, SHIFTED, SHIFTED));

        assertThat(measured.between(new int[] {0}, new int[] {1, 2})).isCloseTo(APART, ROUNDING);
        assertThat(measured.between(new int[] {1, 2}, new int[] {0})).isCloseTo(APART, ROUNDING);
        assertThat(measured.between(new int[] {1}, new int[] {2})).isZero();
    }

    @Test
    void positions_areOffsetAndLogarithmOfTheDeviations() {
        double[][] positions = SourceDistances.of(List.of(AS_SOURCE, SHIFTED)).positions();

        assertThat(positions).hasDimensions(2, 6);
        assertThat(positions[0]).containsOnly(new double[] {0, 0, 0, 0, 0, 0}, within(1e-5));
        // (0.2 - 0.5) / 0.5; half of ln of 0.04 over 0.25, 5 % of 0.25 added to both; limited to 1.5.
        assertThat(positions[1][0]).isCloseTo(limited(-0.6), ROUNDING);
        assertThat(positions[1][1]).isCloseTo(limited(Math.log(0.0525 / 0.2625) / 2), ROUNDING);
    }

    private static double limited(double value) {
        return 1.5 * Math.tanh(value / 1.5);
    }

    @Test
    void of_moreImagesThanABatch_isWhatEachByItselfGives() {
        List<Image> images = noise(130);
        SourceDistance together = SourceDistances.of(images);

        assertThat(together.images()).isEqualTo(130);
        for (int i : new int[] {0, 63, 64, 127, 128, 129}) {
            assertThat(together.of(new int[] {i}))
                    .isCloseTo(SourceDistances.of(List.of(images.get(i))).ofAll(), ROUNDING);
        }
        // Once more in another order: other batches.
        List<Image> turned = new ArrayList<>(images.subList(70, 130));
        turned.addAll(images.subList(0, 70));
        assertThat(together.ofAll()).isCloseTo(SourceDistances.of(turned).ofAll(), ROUNDING);
    }

    @Test
    void of_afterLearning_stillIsOfTheRegisteredModelAndChangesNothing() {
        OnnxModel model = Networks.resnet();
        List<Image> images = noise(20);
        try (Learner learner = SourceDistances.learner(model, Networks.SIDE, Networks.CLASSES)) {
            double before = SourceDistance.of(learner, images).orElseThrow().ofAll();
            learner.calibrate(images);
            byte[] learnt = learner.model().snapshot().toBytes();

            assertThat(SourceDistance.of(learner, images).orElseThrow().ofAll()).isEqualTo(before);
            assertThat(learner.model().snapshot().toBytes()).isEqualTo(learnt);
        }
    }

    @Test
    void of_theFirstAndTheLastQuarterOfTheLayers_areNotAsked() {
        List<Image> images = noise(8);
        double plain = distance(sixLayers(-1), images);

        assertThat(distance(sixLayers(0), images)).isEqualTo(plain);
        assertThat(distance(sixLayers(1), images)).isNotEqualTo(plain);
        assertThat(distance(sixLayers(4), images)).isNotEqualTo(plain);
        assertThat(distance(sixLayers(5), images)).isEqualTo(plain);
    }

    @Test
    void of_aModelWithoutBatchNormalisation_isEmpty() {
        try (Learner learner = SourceDistances.learner(Networks.convnext(), Networks.SIDE, Networks.CLASSES)) {
            assertThat(SourceDistance.of(learner, noise(4))).isEmpty();
        }
    }

    @Test
    void of_noImages_isEmpty() {
        try (Learner learner = SourceDistances.learner(SourceDistances.pixels(), SourceDistances.SIDE, 3)) {
            assertThat(SourceDistance.of(learner, List.of())).isEmpty();
        }
    }

    @Test
    void of_aLayerBehindAnIdentity_isMeasured() {
        OnnxBuilder net = new OnnxBuilder("identity", 17, 1);
        String x = net.conv("conv", net.input("input", SourceDistances.SIDE, SourceDistances.SIDE), 3, 4, 3, 1);
        x = net.batchNorm("bn", net.node("Identity", x), 4);
        OnnxModel model = net.output("logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 4, 3), 3)
                .build();

        assertThat(distance(model, noise(4))).isPositive();
    }

    /** Six layers side by side, all but one behind the same source statistics. */
    private static OnnxModel sixLayers(int odd) {
        OnnxBuilder net = new OnnxBuilder("six", 17, 1);
        String input = net.input("input", SourceDistances.SIDE, SourceDistances.SIDE);
        String sum = null;
        for (int i = 0; i < 6; i++) {
            String x = net.conv("conv" + i, input, 3, 4, 3, 1);
            x = net.node(
                    "bn" + i,
                    "BatchNormalization",
                    OnnxAttributes.none(),
                    x,
                    net.filled("weight" + i, 1, 4),
                    net.filled("bias" + i, 0, 4),
                    net.filled("mean" + i, i == odd ? 1 : 0, 4),
                    net.filled("variance" + i, 1, 4));
            sum = sum == null ? x : net.add(sum, x);
        }
        return net.output("logits", net.linear("fc", net.flatten(net.globalAveragePool(sum)), 4, 3), 3)
                .build();
    }

    private static double distance(OnnxModel model, List<Image> images) {
        try (Learner learner = SourceDistances.learner(model, SourceDistances.SIDE, 3)) {
            return SourceDistance.of(learner, images).orElseThrow().ofAll();
        }
    }

    private static List<Image> noise(int count) {
        Random random = new Random(count);
        return IntStream.range(0, count)
                .mapToObj(i -> SourceDistances.noise(60 + i, 30, random))
                .toList();
    }

    private static Image halves(int some, int others) {
        return SourceDistances.halves(new int[] {some, some, some}, new int[] {others, others, others});
    }
}
