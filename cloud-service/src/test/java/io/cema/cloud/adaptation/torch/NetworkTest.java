package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks: against ONNX Runtime, and adaptable from end to end. */
class NetworkTest {
    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of("ResNet", Networks.resnet(), NormKind.BATCH, 4),
                Arguments.of("ResNet with group normalisation", Networks.resnetWithGroupNorm(), NormKind.GROUP, 2),
                Arguments.of("MobileNetV2", Networks.mobilenetV2(), NormKind.BATCH, 4),
                Arguments.of("MobileNetV3", Networks.mobilenetV3(), NormKind.BATCH, 3),
                Arguments.of("EfficientNet", Networks.efficientnet(), NormKind.BATCH, 2),
                Arguments.of("ConvNeXt", Networks.convnext(), NormKind.LAYER, 3),
                Arguments.of("Vision transformer", Networks.visionTransformer(), NormKind.LAYER, 3));
    }

    private static float[] images(int batch) {
        Random random = new Random(batch);
        float[] values = new float[batch * 3 * Networks.SIDE * Networks.SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void forward_network_agreesWithOnnxRuntime(String name, OnnxModel model) {
        for (int batch : new int[] {1, 5}) {
            float[] wanted = Reference.onnxRuntime(model, images(batch));

            // A dozen float32 layers, summed in another order.
            assertThat(Reference.libtorch(model, images(batch))).containsExactly(wanted, within(2e-4f));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void normLayers_network_areAllFound(String name, OnnxModel model, NormKind kind, int layers) {
        assertThat(model.normLayers())
                .hasSize(layers)
                .extracting(NormLayer::kind)
                .containsOnly(kind);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void backward_network_reachesEveryNormParameter(String name, OnnxModel model) {
        try (PointerScope scope = new PointerScope();
                TorchModel twin = TorchModel.load(model, TorchSettings.cpu(1))) {
            Tensor x = TensorData.of(images(4), 4, 3, Networks.SIDE, Networks.SIDE);
            Tensor logits = twin.forward(x, NormMode.RENORM);
            torch.mul(logits, logits).sum().backward();

            for (Tensor parameter : twin.normParameters()) {
                float[] gradient = TensorData.floats(parameter.grad());
                double size = 0;
                for (float g : gradient) {
                    size += Math.abs(g);
                }
                assertThat(size).isPositive().isFinite();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void toOnnx_afterAdaptation_givesTheEdgeTheTwinsLogits(String name, OnnxModel model) {
        try (PointerScope scope = new PointerScope();
                TorchModel twin = TorchModel.load(model, TorchSettings.cpu(1))) {
            Reference.libtorch(twin, images(8), NormMode.RENORM);
            for (Tensor parameter : twin.normParameters()) {
                float[] values = TensorData.floats(parameter);
                for (int i = 0; i < values.length; i++) {
                    values[i] = values[i] * 0.9f + 0.05f;
                }
                NormUnit.assign(parameter, values);
            }

            OnnxModel written = twin.toOnnx(NormMode.TARGET);

            assertThat(Reference.onnxRuntime(written, images(5)))
                    .containsExactly(Reference.libtorch(twin, images(5), NormMode.TARGET), within(2e-4f));
        }
    }

    @Test
    void forward_deduplicatedConstantsBehindIdentity_areIndependentParameters() {
        Networks n = Networks.start(17);
        String x = n.conv(n.input(), 3, 4, 3, 1, 1);
        String ones = n.net.filled("ones", 1, 4);
        String zeros = n.net.filled("zeros", 0, 4);
        n.net.add(OnnxNode.of("copy", "Identity", OnnxAttributes.none(), "shared_ones", ones));
        x = n.net.node("a", "BatchNormalization", OnnxAttributes.none(), x, ones, zeros, zeros, ones);
        x = n.net.node("b", "BatchNormalization", OnnxAttributes.none(), x, "shared_ones", zeros, zeros, "shared_ones");
        OnnxModel model = n.build(n.classify(x, 4));
        try (TorchModel twin = TorchModel.load(model, TorchSettings.cpu(1))) {
            NormUnit.assign(twin.normParameters().get(0), new float[] {2, 2, 2, 2});

            OnnxModel written = twin.toOnnx();

            assertThat(written.affine().layers().get(0).scale()[0]).isCloseTo(2, within(1e-4f));
            assertThat(written.affine().layers().get(1).scale()[0]).isCloseTo(1, within(1e-4f));
            assertThat(List.of(
                            twin.normLayers().get(0).name(),
                            twin.normLayers().get(1).name()))
                    .containsExactly("a", "b");
        }
    }
}
