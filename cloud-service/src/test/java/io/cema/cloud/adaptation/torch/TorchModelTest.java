package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchModelTest {
    private static final TorchSettings SETTINGS = TorchSettings.cpu(1);

    /** Conv, norm, relu and so on, with statistics that are not the identity. */
    private static OnnxModel net() {
        OnnxBuilder net = new OnnxBuilder("net", 17, 7);
        String x = net.input("input", 8, 8);
        x = net.conv("conv1", x, 3, 6, 3, 1);
        x = norm(net, "bn1", x, 6);
        String y = net.conv("conv2", net.relu(x), 6, 6, 3, 1);
        y = norm(net, "bn2", y, 6);
        x = net.relu(net.add(x, y));
        return net.output("logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 6, 4), 4)
                .build();
    }

    private static String norm(OnnxBuilder net, String name, String x, int channels) {
        float[] variance = new float[channels];
        for (int c = 0; c < channels; c++) {
            variance[c] = 0.5f + c;
        }
        return net.node(
                name,
                "BatchNormalization",
                OnnxAttributes.none(),
                x,
                net.normal(name + ".weight", 1, .3, channels),
                net.normal(name + ".bias", 0, .3, channels),
                net.normal(name + ".mean", 0, .3, channels),
                net.constant(io.cema.protocol.onnx.OnnxTensor.of(name + ".var", variance, channels)));
    }

    private static float[] images(int count, double shift, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count * 3 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() + shift);
        }
        return values;
    }

    private static Tensor input(float[] values) {
        return TensorData.of(values, values.length / 192, 3, 8, 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet56"})
    void forward_source_agreesWithGoldenLogits(String net) throws Exception {
        OnnxModel model = SharedData.model(net + "-cifar10.onnx");
        float[][] golden = SharedData.golden(net);

        float[] logits = Reference.libtorch(model, SharedData.images("test.bin", 0, golden.length));

        for (int i = 0; i < golden.length; i++) {
            for (int c = 0; c < 10; c++) {
                // float32 over 56 layers, against another order of summation; the file has 5 decimals.
                assertThat(logits[i * 10 + c]).isCloseTo(golden[i][c], within(1e-3f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet56"})
    void forward_source_agreesWithOnnxRuntime(String net) throws Exception {
        OnnxModel model = SharedData.model(net + "-cifar10.onnx");
        float[] images = SharedData.images("test.bin", 100, 64);

        assertThat(Reference.libtorch(model, images))
                .containsExactly(Reference.onnxRuntime(model, images), within(1e-3f));
    }

    @Test
    void forward_renorm_valueIsThatOfTarget() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            Reference.libtorch(torch, images(16, 1, 1), NormMode.RENORM);
            float[] second = images(16, 2, 2);

            float[] trained = Reference.libtorch(torch, second, NormMode.RENORM);
            float[] inferred = Reference.libtorch(torch, second, NormMode.TARGET);

            // The same formula in another order of operations: a few float32 roundings.
            assertThat(trained).containsExactly(inferred, within(1e-4f));
        }
    }

    @Test
    void forward_renormFirstBatch_isPlainBatchNormalisation() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            float[] batch = images(16, 1, 1);

            float[] plain = Reference.libtorch(torch, batch, NormMode.BATCH);

            assertThat(Reference.libtorch(torch, batch, NormMode.RENORM)).containsExactly(plain, within(1e-4f));
        }
    }

    @Test
    void forward_renormWithSourcePriorOnly_keepsTheSourceFunction() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS.withStatistics(0.1, 1))) {
            float[] batch = images(1, 1, 1);

            float[] source = Reference.libtorch(torch, batch, NormMode.SOURCE);

            assertThat(Reference.libtorch(torch, batch, NormMode.RENORM)).containsExactly(source, within(1e-4f));
        }
    }

    @Test
    void backward_renorm_matchesTheFormulaWrittenOut() {
        OnnxBuilder builder = new OnnxBuilder("one", 17, 3);
        String x = builder.input("input", 8, 8);
        x = norm(builder, "bn1", builder.conv("conv1", x, 3, 4, 3, 1), 4);
        x = norm(builder, "bn2", builder.conv("conv2", builder.relu(x), 4, 4, 3, 1), 4);
        OnnxModel model = builder.output("logits", builder.flatten(builder.globalAveragePool(x)), 4)
                .build();
        try (PointerScope scope = new PointerScope();
                TorchModel torch = TorchModel.load(model, SETTINGS)) {
            Reference.libtorch(torch, images(8, 1, 1), NormMode.RENORM);
            Tensor batch = input(images(8, 2, 2));
            Tensor logits = torch.forward(batch, NormMode.RENORM);
            torch(logits).sum().backward();
            float[] got = TensorData.floats(torch.normParameters().get(0).grad());

            float[] wanted = writtenOut(torch, model, batch);

            assertThat(got).containsExactly(wanted, within(1e-3f));
        }
    }

    private static Tensor torch(Tensor logits) {
        return org.bytedeco.pytorch.global.torch.mul(logits, logits);
    }

    /** Gradient of the sum of squared outputs for bn1's scale, from Ioffe's formula with elementary operations. */
    private static float[] writtenOut(TorchModel model, OnnxModel onnx, Tensor batch) {
        NormState state = model.snapshot();
        Tensor gamma1 = TensorData.of(state.layers().get(0).gamma(), 1, 4, 1, 1);
        gamma1.set_requires_grad(true);
        Tensor x = conv(batch, onnx, "conv1.weight");
        x = renorm(x, state.layers().get(0), gamma1);
        x = conv(torch.relu(x), onnx, "conv2.weight");
        x = renorm(x, state.layers().get(1), TensorData.of(state.layers().get(1).gamma(), 1, 4, 1, 1));
        x = torch.mean(x, new long[] {2, 3}, false, new org.bytedeco.pytorch.ScalarTypeOptional());
        torch.sum(torch.mul(x, x)).backward();
        return TensorData.floats(gamma1.grad());
    }

    private static Tensor conv(Tensor x, OnnxModel onnx, String weight) {
        return torch.conv2d(
                x,
                TensorData.of(onnx.initializers().get(weight)),
                new TensorOptional(),
                new long[] {1, 1},
                new long[] {1, 1},
                new long[] {1, 1},
                1);
    }

    private static Tensor renorm(Tensor x, NormState.Layer layer, Tensor gamma) {
        long[] axes = {0, 2, 3};
        Tensor epsilon = TensorData.of(new float[] {1e-5f}, 1);
        Tensor mean = torch.mean(x, axes, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        Tensor centred = torch.sub(x, mean);
        Tensor deviation = torch.sqrt(torch.add(
                torch.mean(torch.mul(centred, centred), axes, true, new org.bytedeco.pytorch.ScalarTypeOptional()),
                epsilon));
        Tensor targetMean = TensorData.of(layer.mean(), 1, 4, 1, 1);
        Tensor targetDeviation = torch.sqrt(torch.add(TensorData.of(layer.variance(), 1, 4, 1, 1), epsilon));
        Tensor r = torch.div(deviation, targetDeviation).detach();
        Tensor d = torch.div(torch.sub(mean, targetMean), targetDeviation).detach();
        Tensor normalised = torch.add(torch.mul(torch.div(centred, deviation), r), d);
        return torch.add(torch.mul(normalised, gamma), TensorData.of(layer.beta(), 1, 4, 1, 1));
    }

    @Test
    void backward_onlyNormParametersCarryGradients() {
        try (PointerScope scope = new PointerScope();
                TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            torch(torch.forward(input(images(4, 0, 1)), NormMode.RENORM)).sum().backward();

            assertThat(torch.normParameters()).hasSize(4).allMatch(p -> p.grad().defined());
        }
    }

    @Test
    void allParameters_trainMode_reducesALoss() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            List<Tensor> parameters = torch.allParameters();
            float[] batch = images(16, 0, 1);
            double first = 0;
            double last = 0;
            for (int step = 0; step < 30; step++) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor loss =
                            torch(torch.forward(input(batch), NormMode.TRAIN)).sum();
                    loss.backward();
                    last = loss.item_float();
                    first = step == 0 ? last : first;
                    try (var off = new org.bytedeco.pytorch.AutoGradMode(false)) {
                        for (Tensor p : parameters) {
                            p.sub_(org.bytedeco.pytorch.global.torch.mul(
                                    p.grad(), new org.bytedeco.pytorch.Scalar(1e-3)));
                            p.mutable_grad().zero_();
                        }
                    }
                }
            }
            assertThat(parameters).hasSize(2 + 2 + 4);
            assertThat(last).isLessThan(first / 2);
        }
    }

    @Test
    void toOnnx_afterTraining_computesTheSame() {
        try (PointerScope scope = new PointerScope();
                TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            float[] batch = images(4, 1, 1);
            Reference.libtorch(torch, batch, NormMode.TRAIN);
            for (Tensor p : torch.allParameters()) {
                NormUnit.assign(p, scaled(TensorData.floats(p), 1.1f));
            }

            OnnxModel written = torch.toOnnx();

            assertThat(Reference.onnxRuntime(written, batch))
                    .containsExactly(Reference.libtorch(torch, batch, NormMode.SOURCE), within(1e-4f));
        }
    }

    private static float[] scaled(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    @Test
    void effectiveAffine_source_isTheModelsOwn() {
        OnnxModel model = net();
        try (TorchModel torch = TorchModel.load(model, SETTINGS)) {
            assertThat(torch.effectiveAffine(NormMode.SOURCE)).isEqualTo(model.affine());
        }
    }

    @Test
    void adopt_afterStatisticsMoved_givesTheAffineBack() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            AffineParameters wanted = torch.effectiveAffine(NormMode.SOURCE);
            Reference.libtorch(torch, images(16, 3, 1), NormMode.RENORM);

            torch.adopt(wanted);

            AffineParameters have = torch.effectiveAffine(NormMode.TARGET);
            for (int i = 0; i < wanted.layers().size(); i++) {
                AffineParameters.Layer layer = wanted.layers().get(i);
                assertThat(have.layers().get(i).scale()).containsExactly(layer.scale(), within(1e-6f));
                assertThat(have.layers().get(i).shift()).containsExactly(layer.shift(), within(1e-6f));
            }
        }
    }

    @Test
    void adopt_notFinite_isRefused() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            AffineParameters affine = torch.effectiveAffine(NormMode.SOURCE);
            affine.layers().get(0).scale()[2] = Float.NaN;

            assertThatThrownBy(() -> torch.adopt(affine)).hasMessageContaining("bn1");
        }
    }

    @Test
    void restore_snapshotThroughBytes_computesTheSame() {
        float[] batch = images(4, 1, 9);
        try (TorchModel first = TorchModel.load(net(), SETTINGS);
                TorchModel second = TorchModel.load(net(), SETTINGS)) {
            Reference.libtorch(first, images(16, 3, 1), NormMode.RENORM);
            first.adopt(first.effectiveAffine(NormMode.SOURCE));

            second.restore(NormState.parse(first.snapshot().toBytes()));

            assertThat(Reference.libtorch(second, batch, NormMode.TARGET))
                    .isEqualTo(Reference.libtorch(first, batch, NormMode.TARGET));
        }
    }

    @Test
    void unlearnt_share_liesBetweenWhatWasLearntAndWhatWasLoaded() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            NormState.Layer loaded = torch.snapshot().layers().get(0);
            Reference.libtorch(torch, images(16, 3, 1), NormMode.RENORM);
            torch.adopt(torch.effectiveAffine(NormMode.SOURCE));
            NormState.Layer learnt = torch.snapshot().layers().get(0);

            NormState.Layer quarter = torch.unlearnt(0.25).layers().get(0);

            assertThat(learnt.gamma()).isNotEqualTo(loaded.gamma());
            for (int c = 0; c < quarter.gamma().length; c++) {
                assertThat(quarter.gamma()[c])
                        .isCloseTo(0.75f * learnt.gamma()[c] + 0.25f * loaded.gamma()[c], within(1e-6f));
                assertThat(quarter.beta()[c])
                        .isCloseTo(0.75f * learnt.beta()[c] + 0.25f * loaded.beta()[c], within(1e-6f));
            }
            assertThat(quarter.mean()).isEqualTo(learnt.mean());
            assertThat(torch.unlearnt(1).layers().get(0).gamma()).isEqualTo(loaded.gamma());
        }
    }

    @Test
    void restore_otherModel_isRefused() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            NormState.Layer layer = torch.snapshot().layers().get(0);

            assertThatThrownBy(() -> torch.restore(new NormState(List.of(layer, layer))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bn2");
        }
    }

    @Test
    void parse_truncatedState_isRefused() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            byte[] bytes = torch.snapshot().toBytes();
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = java.util.Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> NormState.parse(cut)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void resetStatistics_nextBatchStartsAnew() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            float[] batch = images(16, 1, 1);
            float[] fresh = Reference.libtorch(torch, batch, NormMode.RENORM);
            Reference.libtorch(torch, images(16, 5, 2), NormMode.RENORM);

            torch.resetStatistics();

            assertThat(Reference.libtorch(torch, batch, NormMode.RENORM)).isEqualTo(fresh);
        }
    }

    @Test
    void forward_wrongInputSize_isRefused() {
        try (PointerScope scope = new PointerScope();
                TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            assertThatThrownBy(() -> torch.forward(TensorData.of(new float[27], 1, 3, 3, 3), NormMode.SOURCE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[1, 3, 3, 3]");
        }
    }

    @Test
    void load_unsupportedOperator_namesNodeAndOperator() {
        OnnxBuilder net = new OnnxBuilder("net", 17, 1);
        String x = net.conv("conv1", net.input("input", 8, 8), 3, 4, 3, 1);
        x = net.node("edge.det", "Det", OnnxAttributes.none(), x);
        OnnxModel model = net.output("logits", x, 4).build();

        assertThatThrownBy(() -> TorchModel.load(model, SETTINGS))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("edge.det")
                .hasMessageContaining("Det");
    }

    @Test
    void steps_twoHundred_nativeMemoryStaysLevel() {
        try (TorchModel torch = TorchModel.load(net(), SETTINGS)) {
            float[] batch = images(32, 0, 1);
            step(torch, batch, 50);
            long before = Pointer.physicalBytes();

            step(torch, batch, 200);

            // One step of this net keeps about 3 MB of activations: a leak of one of them would show as over 100 MB.
            assertThat(Pointer.physicalBytes() - before).isLessThan(30L << 20);
        }
    }

    private static void step(TorchModel torch, float[] batch, int count) {
        for (int i = 0; i < count; i++) {
            try (PointerScope scope = new PointerScope()) {
                torch(torch.forward(input(batch), NormMode.RENORM)).sum().backward();
            }
        }
    }
}
