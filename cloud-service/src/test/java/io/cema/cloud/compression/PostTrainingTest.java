package io.cema.cloud.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.cloud.compression.CompressionSettings.Method;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostTrainingTest {
    private static final Preprocessing HALF = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));
    private static final List<Image> BLACK = List.of(new Image(8, 8, new byte[3 * 64]));

    private static OnnxModel net() {
        OnnxBuilder net = new OnnxBuilder("net", 17, 1);
        String x = net.relu(net.conv("stem", net.input("input", 8, 8), 3, 16, 3, 1));
        x = net.relu(net.conv("conv", x, 16, 16, 3, 1));
        x = net.flatten(net.globalAveragePool(x));
        return net.output("logits", net.linear("head", x, 16, 8), 8).build();
    }

    private static OnnxModel quantized(OnnxModel model) {
        return PostTraining.quantized(model, BLACK, HALF, new Calibration(Method.MIN_MAX, 100, 0), 1);
    }

    @Test
    void pruned_eligibleWeightsAreTwoOfFourAndOthersAsTheyWere() {
        OnnxModel dense = net();

        OnnxModel pruned = PostTraining.pruned(dense);

        for (WeightLayer layer : WeightLayer.of(pruned)) {
            float[] weights = pruned.constant(layer.weight()).orElseThrow().floats();
            if (layer.whyDense().isPresent()) {
                assertThat(weights)
                        .isEqualTo(dense.constant(layer.weight()).orElseThrow().floats());
            } else {
                assertThat(TwoOfFour.violations(layer, weights))
                        .as(layer.node())
                        .isZero();
            }
        }
    }

    @Test
    void quantized_weightsAreIntegers() {
        assertThat(WeightLayer.of(quantized(net())))
                .extracting(WeightLayer::node)
                .containsExactly("head");
        assertThat(quantized(net()).nodes()).extracting(OnnxNode::op).contains("QuantizeLinear", "DequantizeLinear");
    }

    @Test
    void quantized_twice_isRefused() {
        OnnxModel once = quantized(net());

        assertThatThrownBy(() -> quantized(once))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("quantised already");
    }
}
