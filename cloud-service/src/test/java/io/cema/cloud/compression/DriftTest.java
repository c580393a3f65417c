package io.cema.cloud.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DriftTest {
    private static final SplittableRandom RANDOM = new SplittableRandom(1);

    @Test
    void of_nothing_isTheImage() {
        Image image = SmallNet.images(1, 1).get(0);

        assertThat(new Drift(0, 1, 128, 0).of(image, RANDOM).rgb()).isEqualTo(image.rgb());
    }

    @Test
    void of_lessContrast_keepsTheLevel() {
        Image image = new Image(1, 1, new byte[] {(byte) 100, (byte) 200, 0});

        assertThat(new Drift(0, 0.5, 100, 0).of(image, RANDOM).rgb()).containsExactly(100, 150, 50);
    }

    @Test
    void of_blur_keepsAnEvenImageAndSpreadsAPoint() {
        byte[] point = new byte[3 * 25];
        point[3 * 12] = (byte) 81;
        Drift blur = new Drift(1, 1, 0, 0);

        byte[] blurred = blur.of(new Image(5, 5, point), RANDOM).rgb();

        // A box of three, twice, in both directions: 81 times (1, 2, 3, 2, 1) / 9 squared.
        assertThat(blurred[3 * 12]).isEqualTo((byte) 9);
        assertThat(blurred[0]).isEqualTo((byte) 1);
        assertThat(blurred[1]).isZero();
        byte[] even = new byte[3 * 25];
        Arrays.fill(even, (byte) 77);
        assertThat(blur.of(new Image(5, 5, even), RANDOM).rgb()).isEqualTo(even);
    }

    @Test
    void pass_everyOtherBatchDriftsAsAWhole() {
        TrainingImages images = new TrainingImages(SmallNet.images(64, 1), SmallNet.PREPROCESSING, 1, true);

        List<TrainingImages.Batch> batches = images.pass(0, 8);

        assertThat(batches)
                .extracting(TrainingImages.Batch::drifted)
                .containsExactly(false, true, false, true, false, true, false, true);
    }

    @Test
    void pass_sameSeed_sameImages() {
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            TrainingImages images = new TrainingImages(SmallNet.images(32, 1), SmallNet.PREPROCESSING, 1, true);
            hashes.add(Arrays.hashCode(images.pass(0, 16).get(1).images().get(3).rgb()));
        }
        assertThat(hashes).hasSize(1);
    }

    @Test
    void drifting_onlyWherePrunedLayersHaveStatisticsToAdaptTheTeacherBy() {
        CompressionSettings pruned = CompressionSettings.defaults();
        CompressionSettings dense = new CompressionSettings(
                CompressionSettings.Sparsity.NONE,
                pruned.quantization(),
                pruned.calibration(),
                pruned.distillation(),
                pruned.sparseStage(),
                pruned.quantizedStage(),
                pruned.batch(),
                pruned.seed(),
                pruned.threads());

        assertThat(Compressor.drifting(SmallNet.residual(17, 1), pruned)).isTrue();
        assertThat(Compressor.drifting(SmallNet.residual(17, 1), dense)).isFalse();
        assertThat(Compressor.drifting(withLayerNorm(), pruned)).isFalse();
    }

    private static OnnxModel withLayerNorm() {
        OnnxBuilder b = new OnnxBuilder("norm", 17, 1);
        String pooled = b.flatten(b.globalAveragePool(b.conv("conv", b.input("input", 16, 16), 3, 16, 3, 1)));
        String scale = b.constant(OnnxTensor.of("scale", filled(1), 16));
        String shift = b.constant(OnnxTensor.of("shift", filled(0), 16));
        String normed = b.node("norm", "LayerNormalization", OnnxAttributes.none(), pooled, scale, shift);
        return b.output("logits", b.linear("fc", normed, 16, 5), 5).build();
    }

    private static float[] filled(float value) {
        float[] values = new float[16];
        Arrays.fill(values, value);
        return values;
    }
}
