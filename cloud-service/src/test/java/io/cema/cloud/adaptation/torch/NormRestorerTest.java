package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.NormLayer;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormRestorerTest {
    private static final TorchSettings SETTINGS = TorchSettings.cpu(2);

    private static float[] noise(int count) {
        Random random = new Random(5);
        float[] values = new float[count * 3 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static OnnxModel plain() {
        OnnxBuilder net = new OnnxBuilder("plain", 17, 2);
        String x = net.input("input", 8, 8);
        x = net.relu(net.conv("conv1", x, 3, 5, 3, 1, 1, true));
        String squeezed = net.conv("squeeze", net.globalAveragePool(x), 5, 5, 1, 1, 1, true);
        x = net.node("Mul", x, net.node("Sigmoid", squeezed));
        x = net.relu(net.conv("conv2", x, 5, 5, 3, 2, 1, true));
        return net.output("logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 5, 4), 4)
                .build();
    }

    @Test
    void restore_foldedResnet20_agreesWithTheOriginalOnAThousandImages() throws Exception {
        OnnxModel original = SharedData.model("resnet20-cifar10.onnx");
        OnnxModel folded = Folding.fold(original);

        OnnxModel restored = NormRestorer.restore(folded, SharedData.images("train-sample.bin", 0, 256), SETTINGS);

        float[] images = SharedData.images("test.bin", 0, 1000);
        assertThat(folded.normLayers()).isEmpty();
        assertThat(restored.normLayers()).hasSize(19).allMatch(NormLayer::restored);
        // The bound the registry promises; float32 leaves about 1e-4.
        assertThat(Reference.onnxRuntime(restored, images))
                .containsExactly(Reference.onnxRuntime(original, images), within(1e-2f));
        assertThat(Reference.libtorch(restored, images))
                .containsExactly(Reference.onnxRuntime(original, images), within(1e-2f));
    }

    @Test
    void restore_foldedResnet20_findsTheStatisticsOfTheTrainingImages() throws Exception {
        OnnxModel original = SharedData.model("resnet20-cifar10.onnx");

        OnnxModel restored =
                NormRestorer.restore(Folding.fold(original), SharedData.images("train-sample.bin", 0, 64), SETTINGS);

        // In the original the first normalisation gives gamma and beta as deviation and mean of its output.
        NormSite first = original.normSites().get(0);
        float[] mean =
                restored.normSites().get(0).mean().orElseThrow().constant().floats();
        float[] beta = first.beta().orElseThrow().constant().floats();
        for (int c = 0; c < beta.length; c++) {
            // 64 lossy copies of training images against the whole set with augmentation.
            assertThat(mean[c]).isCloseTo(beta[c], within(0.3f));
        }
    }

    @Test
    void restore_marksLayersAndImages() {
        OnnxModel restored = NormRestorer.restore(plain(), noise(40), SETTINGS);

        OnnxModel read = OnnxModel.parse(restored.toBytes());

        assertThat(read.restoredFromImages()).isEqualTo(40);
        assertThat(read.normLayers()).extracting(NormLayer::restored).containsExactly(true, true);
    }

    @Test
    void restore_squeezeAndExcitation_isLeftAlone() {
        OnnxModel restored = NormRestorer.restore(plain(), noise(40), SETTINGS);

        assertThat(restored.normLayers()).extracting(NormLayer::name).containsExactly("conv1.norm", "conv2.norm");
    }

    @Test
    void restore_deadChannel_keepsTheFunction() {
        OnnxModel model = plain();
        float[] weight = model.initializers().get("conv1.weight").floats();
        java.util.Arrays.fill(weight, 0, 27, 0);
        model = model.edit().replaceInitializer("conv1.weight", weight).build();

        OnnxModel restored = NormRestorer.restore(model, noise(64), SETTINGS);

        assertThat(Reference.libtorch(restored, noise(8)))
                .containsExactly(Reference.libtorch(model, noise(8)), within(1e-5f));
    }

    @Test
    void restore_modelWithNorms_isGivenBackAsItIs() {
        OnnxModel restored = NormRestorer.restore(plain(), noise(40), SETTINGS);

        assertThat(NormRestorer.restore(restored, noise(40), SETTINGS)).isSameAs(restored);
    }

    @Test
    void restore_noConvolution_isRefused() {
        OnnxBuilder net = new OnnxBuilder("linear", 17, 2);
        String x = net.flatten(net.input("input", 8, 8));
        OnnxModel model = net.output("logits", net.linear("fc", x, 192, 4), 4).build();

        assertThatThrownBy(() -> NormRestorer.restore(model, noise(40), SETTINGS))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("convolution");
    }

    @Test
    void restore_tooFewImages_isRefused() {
        assertThatThrownBy(() -> NormRestorer.restore(plain(), noise(31), SETTINGS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32");
    }
}
