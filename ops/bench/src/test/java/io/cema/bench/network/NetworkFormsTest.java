package io.cema.bench.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.compression.PostTraining;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small networks of both shapes, in every form, on ONNX Runtime. */
class NetworkFormsTest {
    private static final int IMAGES = 4;
    private static final Map<Shape, NetworkForms> FORMS = new EnumMap<>(Shape.class);

    /** The two shapes with fewer channels and blocks. */
    private enum Shape {
        RESIDUAL(new BottleneckNet("small", 64, 16, List.of(1, 2, 1, 1), 40).build(7)),
        TRANSFORMER(Network.deit(32, 8, 64, 2, 4, 40).build(7));

        private final OnnxModel dense;

        Shape(OnnxModel dense) {
            this.dense = dense;
        }

        byte[] in(Form form) {
            return FORMS.computeIfAbsent(this, s -> new NetworkForms(dense, IMAGES, 3))
                    .of(form);
        }

        /** In float32 with the weights of the form. */
        byte[] reference(Form form) {
            return (form.isSparse() ? PostTraining.pruned(dense) : dense).toBytes();
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void of_everyForm_saysWhatItsFloat32WeightsSay(Form form) {
        for (Shape shape : Shape.values()) {
            float[] input = images(shape.dense);

            float[] logits = logits(shape.in(form), input);

            float[] expected = logits(shape.reference(form), input);
            assertThat(logits).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
            double alike = cosine(centred(logits), centred(expected));
            // Seen: 0.9997 and more in float16, whose steps of 2^-11 add up over the layers; 0.98 and more in INT8,
            // where
            // an activation has 127 steps. A wrong scale, axis or edge of the graph leaves a few tenths at most.
            assertThat(alike).as("%s %s", shape, form).isGreaterThan(form.isInt8() ? 0.95 : 0.999);
        }
    }

    @Test
    void of_sameSeed_isTheSameFileAgain() {
        for (Shape shape : Shape.values()) {
            assertThat(new NetworkForms(shape.dense, IMAGES, 3).of(Form.SPARSE_INT8_FP16))
                    .as("%s", shape)
                    .isEqualTo(shape.in(Form.SPARSE_INT8_FP16));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"SPARSE_INT8", "SPARSE_INT8_FP16"})
    void of_sparse_everyEligibleWeightKeepsTwoOfFourInputChannels(Form form) {
        for (Shape shape : Shape.values()) {
            List<Weight> weights = integerWeights(OnnxModel.parse(shape.in(form)));

            List<Weight> eligible = weights.stream()
                    .filter(w -> w.inputs() % 16 == 0 && w.outputs() % 8 == 0)
                    .toList();

            // All but those of the colours.
            assertThat(eligible).hasSize(weights.size() - 1);
            assertThat(eligible)
                    .allSatisfy(w -> assertThat(w.mostOfFour()).as(w.name()).isEqualTo(2));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"DENSE_INT8", "DENSE_INT8_FP16"})
    void of_dense_isNotSparse(Form form) {
        for (Shape shape : Shape.values()) {
            assertThat(integerWeights(OnnxModel.parse(shape.in(form))))
                    .allSatisfy(w -> assertThat(w.mostOfFour()).isGreaterThan(2));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"DENSE_INT8", "SPARSE_INT8"})
    void of_int8_everyConvolutionAndProductReadsInt8Pairs(Form form) {
        for (Shape shape : Shape.values()) {
            OnnxModel model = OnnxModel.parse(shape.in(form));
            List<OnnxNode> layers = model.nodes().stream()
                    .filter(n -> n.is("Conv") || n.is("Gemm") || n.is("MatMul") && hasWeights(model, n))
                    .toList();
            assertThat(layers).isNotEmpty().allSatisfy(layer -> {
                OnnxNode pair = model.producer(layer.input(0)).orElseThrow();
                assertThat(pair.op()).as(layer.describe()).isEqualTo("DequantizeLinear");
                assertThat(model.constant(pair.input(2)).orElseThrow().type()).isEqualTo(OnnxTensor.Type.INT8);
                assertThat(hasWeights(model, layer)).isTrue();
            });
        }
    }

    @Test
    void of_int8_residualAdditionReadsOneConvolutionUnrounded() {
        OnnxModel model = OnnxModel.parse(Shape.RESIDUAL.in(Form.DENSE_INT8));

        assertThat(model.nodes().stream()
                        .filter(n -> n.is("Add")
                                && n.inputs().stream()
                                        .noneMatch(i -> model.constant(i).isPresent())))
                .hasSize(5)
                .allSatisfy(add -> assertThat(add.inputs())
                        .extracting(i -> model.producer(i).orElseThrow().op())
                        .containsExactlyInAnyOrder("Conv", "DequantizeLinear"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"DENSE_FP16", "DENSE_INT8_FP16", "SPARSE_INT8_FP16"})
    void of_half_noConstantIsFloat32AndInputAndOutputAre(Form form) {
        for (Shape shape : Shape.values()) {
            OnnxModel model = OnnxModel.parse(shape.in(form));

            assertThat(model.initializers().values())
                    .extracting(OnnxTensor::type)
                    .contains(OnnxTensor.Type.FLOAT16)
                    .doesNotContain(OnnxTensor.Type.FLOAT);
            assertThat(model.nodes()).filteredOn(n -> n.is("Cast")).hasSize(2);
            assertThat(model.input()).isEqualTo(shape.dense.input());
        }
    }

    @Test
    void build_resNet50_hasItsParameters() {
        assertThat(Network.parameters(Network.RESNET50.build(1))).isBetween(25_000_000L, 26_000_000L);
    }

    /** Blocks are alike, so two depths tell of any; the whole network is a third of a gigabyte. */
    @Test
    void build_deitB_hasItsParameters() {
        long one = Network.parameters(Network.deit(224, 16, 768, 1, 12, 1000).build(1));
        long two = Network.parameters(Network.deit(224, 16, 768, 2, 12, 1000).build(1));

        assertThat(one + 11 * (two - one)).isBetween(84_300_000L, 87_700_000L);
    }

    private static boolean hasWeights(OnnxModel model, OnnxNode layer) {
        return model.producer(layer.input(1))
                .filter(n -> n.is("DequantizeLinear"))
                .flatMap(n -> model.constant(n.input(0)))
                .isPresent();
    }

    /** Integer weights, brought to [outputs, inputs, positions]. */
    private record Weight(String name, int outputs, int inputs, int positions, byte[] values) {
        /** Most values other than 0 in any 4 consecutive input channels. */
        int mostOfFour() {
            int most = 0;
            for (int o = 0; o < outputs; o++) {
                for (int k = 0; k < positions; k++) {
                    for (int from = 0; from < inputs; from += 4) {
                        int count = 0;
                        for (int i = from; i < Math.min(inputs, from + 4); i++) {
                            count += values[(o * inputs + i) * positions + k] == 0 ? 0 : 1;
                        }
                        most = Math.max(most, count);
                    }
                }
            }
            return most;
        }
    }

    private static List<Weight> integerWeights(OnnxModel model) {
        List<Weight> weights = new ArrayList<>();
        for (OnnxNode layer : model.nodes()) {
            if (!layer.is("Conv") && !layer.is("MatMul") || !hasWeights(model, layer)) {
                continue;
            }
            OnnxTensor tensor = model.constant(
                            model.producer(layer.input(1)).orElseThrow().input(0))
                    .orElseThrow();
            int[] dims = Arrays.stream(tensor.dims()).mapToInt(d -> (int) d).toArray();
            weights.add(
                    layer.is("Conv")
                            ? new Weight(layer.name(), dims[0], dims[1], dims[2] * dims[3], tensor.bytes())
                            : new Weight(layer.name(), dims[1], dims[0], 1, transposed(tensor.bytes(), dims)));
        }
        return weights;
    }

    private static byte[] transposed(byte[] from, int[] dims) {
        byte[] to = new byte[from.length];
        for (int i = 0; i < from.length; i++) {
            to[i % dims[1] * dims[0] + i / dims[1]] = from[i];
        }
        return to;
    }

    private static float[] images(OnnxModel of) {
        Random random = new Random(11);
        float[] images = new float[IMAGES * 3 * of.height() * of.width()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) (4 * random.nextDouble() - 2);
        }
        return images;
    }

    private static float[] logits(byte[] onnx, float[] input) {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(onnx)) {
            return engine.logits(input, IMAGES);
        }
    }

    /** Without the mean over the images: what is left is what the network says of each image. */
    private static double[] centred(float[] logits) {
        int classes = logits.length / IMAGES;
        double[] centred = new double[logits.length];
        for (int c = 0; c < classes; c++) {
            double mean = 0;
            for (int i = 0; i < IMAGES; i++) {
                mean += logits[i * classes + c] / IMAGES;
            }
            for (int i = 0; i < IMAGES; i++) {
                centred[i * classes + c] = logits[i * classes + c] - mean;
            }
        }
        return centred;
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }
}
