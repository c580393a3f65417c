package io.cema.protocol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.Digests;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.Preprocessing;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OnnxModelTest {

    static OnnxBuilder small() {
        OnnxBuilder net = new OnnxBuilder("small", 17, 1);
        String x = net.input("input", 8, 8);
        x = net.relu(net.batchNorm("bn1", net.conv("conv1", x, 3, 4, 3, 1), 4));
        x = net.flatten(net.globalAveragePool(x));
        return net.output("logits", net.linear("fc", x, 4, 5), 5);
    }

    @Test
    void parse_builtNet_knowsInputOutputAndLayers() {
        OnnxModel model = small().build();

        assertThat(model.input()).isEqualTo(new OnnxModel.Value("input", List.of(3L, 8L, 8L)));
        assertThat(model.output()).isEqualTo(new OnnxModel.Value("logits", List.of(5L)));
        assertThat(model.normLayers()).hasSize(1);
        assertThat(model.normLayers().get(0).name()).isEqualTo("bn1");
        assertThat(model.normLayers().get(0).epsilon()).isCloseTo(1e-5, within(1e-9));
    }

    @Test
    void manifest_saysWhatTheFileIs() {
        OnnxModel model = small().build();
        Preprocessing preprocessing = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

        ModelManifest manifest = model.manifest("cats", List.of("a", "b", "c", "d", "e"), preprocessing);

        byte[] file = model.toBytes();
        assertThat(manifest)
                .isEqualTo(new ModelManifest(
                        Digests.hex(file),
                        "cats",
                        file.length,
                        17,
                        "input",
                        8,
                        8,
                        "logits",
                        5,
                        List.of("a", "b", "c", "d", "e"),
                        preprocessing,
                        model.normLayers()));
    }

    @Test
    void parse_everyTruncation_isRefused() {
        byte[] bytes = small().build().toBytes();

        for (int length = 0; length < bytes.length; length += 7) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> OnnxModel.parse(cut)).isInstanceOf(OnnxFormatException.class);
        }
    }

    @Test
    void parse_dynamicHeight_isRefusedNamingInput() {
        OnnxBuilder net = new OnnxBuilder("small", 17, 1);
        String x = net.input("pixels", -1, 8);
        x = net.flatten(net.globalAveragePool(net.conv("conv1", x, 3, 4, 3, 1)));
        net.output("logits", x, 4);

        assertThatThrownBy(net::build)
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("pixels")
                .hasMessageContaining("dynamic");
    }

    @Test
    void parse_softmaxAtTheEnd_isRefused() {
        OnnxBuilder net = new OnnxBuilder("small", 17, 1);
        String x = net.flatten(net.input("pixels", 2, 2));
        net.add(OnnxNode.of("p", "Softmax", OnnxAttributes.none(), "probabilities", x));
        byte[] bytes = net.output("logits", "probabilities", 12).toBytes();

        // The Identity behind it makes no difference to the reader, so the check looks at the producer.
        assertThatThrownBy(() -> OnnxModel.parse(bytes)).hasMessageContaining("logits");
    }

    @Test
    void affine_batchNorm_includesStatistics() {
        OnnxModel model = small().build()
                .edit()
                .replaceNorm(
                        "bn1",
                        new float[] {1, 2, 3, 4},
                        new float[] {1, 1, 1, 1},
                        Optional.of(new float[] {0, 1, 2, 3}),
                        Optional.of(new float[] {1, 4, 9, 16}))
                .build();

        AffineParameters.Layer layer = model.affine().layers().get(0);

        assertThat(layer.scale()).containsExactly(new float[] {1, 1, 1, 1}, within(1e-5f));
        assertThat(layer.shift()).containsExactly(new float[] {1, 0, -1, -2}, within(1e-5f));
    }

    @Test
    void replaceNorm_sharedConstant_isSplitOff() {
        OnnxBuilder net = new OnnxBuilder("shared", 17, 1);
        String x = net.conv("conv1", net.input("input", 8, 8), 3, 4, 3, 1);
        String ones = net.filled("ones", 1, 4);
        String zeros = net.filled("zeros", 0, 4);
        for (String name : List.of("a", "b")) {
            x = net.node(name, "BatchNormalization", OnnxAttributes.none(), x, ones, zeros, zeros, ones);
        }
        OnnxModel model =
                net.output("logits", net.flatten(net.globalAveragePool(x)), 4).build();

        OnnxModel changed = model.edit()
                .replaceNorm(
                        "a",
                        new float[] {2, 2, 2, 2},
                        new float[4],
                        Optional.of(new float[4]),
                        Optional.of(new float[] {1, 1, 1, 1}))
                .build();

        assertThat(changed.affine().layers().get(0).scale()[0]).isCloseTo(2, within(1e-4f));
        assertThat(changed.affine().layers().get(1).scale()[0]).isCloseTo(1, within(1e-4f));
    }

    @Test
    void normLayers_composedGroupNorm_isOneLayer() {
        OnnxBuilder net = new OnnxBuilder("gn", 17, 1);
        String x = net.conv("conv1", net.input("input", 8, 8), 3, 6, 3, 1);
        String y = net.node("Reshape", x, net.constant(OnnxTensor.of("groups", new long[] {0, 2, -1}, 3)));
        y = net.node(
                "gn",
                "InstanceNormalization",
                OnnxAttributes.none(),
                y,
                net.filled("one", 1, 2),
                net.filled("zero", 0, 2));
        y = net.node("Reshape", y, net.node("Shape", x));
        y = net.node("Mul", y, net.normal("gamma", 1, .1, 6, 1, 1));
        y = net.node("Add", y, net.normal("beta", 0, .1, 6, 1, 1));
        OnnxModel model =
                net.output("logits", net.flatten(net.globalAveragePool(y)), 6).build();

        NormSite site = model.normSites().get(0);

        assertThat(model.normLayers()).hasSize(1);
        assertThat(site.layer().kind()).isEqualTo(NormKind.GROUP);
        assertThat(site.layer().channels()).isEqualTo(6);
        assertThat(site.input()).isEqualTo(x);
        assertThat(site.output()).isEqualTo(y);
    }

    @Test
    void normLayers_writtenOutLayerNorm_isOneLayer() {
        OnnxBuilder net = new OnnxBuilder("ln", 13, 1);
        String x = net.flatten(net.input("input", 2, 2));
        OnnxAttributes last = OnnxAttributes.none().with("axes", new long[] {-1});
        String mean = net.node("mean", "ReduceMean", last, x);
        String centred = net.node("Sub", x, mean);
        String square = net.node("Pow", centred, net.constant(OnnxTensor.of("two", new float[] {2})));
        String variance = net.node("variance", "ReduceMean", last, square);
        String root =
                net.node("Sqrt", net.node("Add", variance, net.constant(OnnxTensor.of("eps", new float[] {1e-6f}))));
        String y = net.node("Div", centred, root);
        y = net.node("Mul", y, net.normal("gamma", 1, .1, 12));
        y = net.node("Add", y, net.normal("beta", 0, .1, 12));
        OnnxModel model = net.output("logits", y, 12).build();

        NormLayer layer = model.normLayers().get(0);

        assertThat(layer.kind()).isEqualTo(NormKind.LAYER);
        assertThat(layer.epsilon()).isCloseTo(1e-6, within(1e-12));
        assertThat(model.normSites().get(0).nodes()).hasSize(9);
    }

    @Test
    void markRestored_survivesTheFile() {
        OnnxModel marked =
                small().build().edit().markRestored(List.of("bn1"), 256).build();

        assertThat(marked.normLayers().get(0).restored()).isTrue();
        assertThat(marked.restoredFromImages()).isEqualTo(256);
    }

    @Test
    void build_sameSeed_sameBytes() {
        assertThat(small().toBytes()).isEqualTo(small().toBytes());
    }
}
