package io.cema.edge.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.StatisticsSession;
import io.cema.edge.inference.StatisticsSession.Measured;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.model.NormStatistics;
import io.cema.protocol.onnx.MeasuringGraph;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import io.cema.protocol.onnx.Renormalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A graph that measures itself, in ONNX Runtime, against what plain loops make of the same images. */
class MeasuringTest {
    private static final int IMAGES = 12;
    private static final int PIXELS = TestModels.SIZE * TestModels.SIZE;
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);

    @ParameterizedTest
    @ValueSource(floats = {0, 0.5f, 1})
    void measure_twoLayers_areThoseOfPlainLoops(float prior) {
        OnnxModel model = TestModels.residual();
        float[] input = input(3);

        NormStatistics measured = measure(model, input, prior).statistics();

        // The first layer's input; then what the second sees behind the first, re-normalised.
        float[] first = convolved(model, "conv1", input, 1);
        NormStatistics.Layer one = statistics("bn1", first);
        assertThat(measured.layers().get(0).mean()).containsExactly(one.mean(), within(1e-4f));
        assertThat(measured.layers().get(0).variance()).containsExactly(one.variance(), within(1e-3f));
        float[] second = convolved(model, "conv2", relu(renormalised(model, first, one, prior)), 2);
        NormStatistics.Layer two = statistics("bn2", second);
        assertThat(measured.layers().get(1).mean()).containsExactly(two.mean(), within(1e-3f));
        assertThat(measured.layers().get(1).variance()).containsExactly(two.variance(), within(1e-2f));
    }

    static Stream<OnnxModel> models() {
        return Stream.of(
                TestModels.residual(),
                TestModels.preActivation(),
                TestModels.concat(),
                TestModels.twoReaders(),
                TestModels.sharedWeight(),
                TestModels.gemm(),
                axesAsInput());
    }

    /** One pass is enough: with the update that comes of it the edge answers as the measuring graph did. */
    @ParameterizedTest
    @MethodSource("models")
    void measure_itsStatisticsFoldedIn_giveItsLogits(OnnxModel model) {
        float[] input = input(4);
        Measured measured = measure(model, input, 0.5f);

        byte[] updated = new AffineFolder(model).fold(new Renormalisation(model).affine(measured.statistics(), 0.5));

        try (InferenceEngine engine = engines.open(updated)) {
            assertThat(engine.logits(input, IMAGES)).containsExactly(measured.logits(), within(2e-3f));
        }
    }

    /** On integers, a value between two steps may take the other one. */
    @Test
    void measure_compressedModel_itsStatisticsFoldedInGiveItsClasses() throws IOException {
        OnnxModel model = OnnxModel.parse(Files.readAllBytes(Path.of("../ops/demo/models/signs-edge-int8.onnx")));
        float[] input = TestModels.randomInput(IMAGES, 3 * model.height() * model.width(), 5);
        Measured measured = measure(model, input, 0.5f);

        byte[] updated = new AffineFolder(model).fold(new Renormalisation(model).affine(measured.statistics(), 0.5));

        double largest = 0;
        double difference = 0;
        try (InferenceEngine engine = engines.open(updated)) {
            float[] logits = engine.logits(input, IMAGES);
            for (int i = 0; i < logits.length; i++) {
                largest = Math.max(largest, Math.abs(measured.logits()[i]));
                difference = Math.max(difference, Math.abs(measured.logits()[i] - logits[i]));
            }
        }
        assertThat(difference).isLessThan(0.1 * largest);
    }

    @Test
    void of_modelWithoutBatchNormalisation_isRefused() {
        assertThatThrownBy(() -> MeasuringGraph.of(TestModels.layerNorm()))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("no batch normalisation");
    }

    private Measured measure(OnnxModel model, float[] input, float prior) {
        try (StatisticsSession session = engines.measuring(MeasuringGraph.of(model))) {
            return session.measure(input, input.length / (3 * model.height() * model.width()), prior);
        }
    }

    private static float[] input(long seed) {
        float[] input = new float[IMAGES * 3 * PIXELS];
        for (int i = 0; i < IMAGES; i++) {
            System.arraycopy(TestModels.colouredInput(seed + i), 0, input, i * 3 * PIXELS, 3 * PIXELS);
        }
        return input;
    }

    /** From operator set 18 on, the axes of a mean are an input. */
    private static OnnxModel axesAsInput() {
        OnnxBuilder b = new OnnxBuilder("late", 18, 9);
        String x = b.relu(
                b.batchNorm("bn1", b.conv("conv1", b.input("input", TestModels.SIZE, TestModels.SIZE), 3, 4, 3, 1), 4));
        String logits = b.linear("fc", b.flatten(b.globalAveragePool(x)), 4, TestModels.CLASSES);
        return b.output("logits", logits, TestModels.CLASSES).build();
    }

    /** 3x3 with a margin of zeros, NCHW. */
    private static float[] convolved(OnnxModel model, String name, float[] input, int groups) {
        OnnxNode node = model.node(name);
        OnnxTensor weight = model.constant(node.input(1)).orElseThrow();
        float[] w = weight.floats();
        int out = (int) weight.dims()[0];
        int inPerGroup = (int) weight.dims()[1];
        int in = inPerGroup * groups;
        float[] bias =
                node.hasInput(2) ? model.constant(node.input(2)).orElseThrow().floats() : new float[out];
        float[] result = new float[IMAGES * out * PIXELS];
        int size = TestModels.SIZE;
        for (int n = 0; n < IMAGES; n++) {
            for (int o = 0; o < out; o++) {
                for (int y = 0; y < size; y++) {
                    for (int x = 0; x < size; x++) {
                        double sum = bias[o];
                        for (int i = 0; i < inPerGroup; i++) {
                            int channel = o / (out / groups) * inPerGroup + i;
                            for (int k = 0; k < 9; k++) {
                                int yy = y + k / 3 - 1;
                                int xx = x + k % 3 - 1;
                                if (yy >= 0 && yy < size && xx >= 0 && xx < size) {
                                    sum += w[(o * inPerGroup + i) * 9 + k]
                                            * input[((n * in + channel) * size + yy) * size + xx];
                                }
                            }
                        }
                        result[((n * out + o) * size + y) * size + x] = (float) sum;
                    }
                }
            }
        }
        return result;
    }

    private static NormStatistics.Layer statistics(String name, float[] values) {
        int channels = values.length / (IMAGES * PIXELS);
        float[] mean = new float[channels];
        float[] variance = new float[channels];
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            double squares = 0;
            for (int n = 0; n < IMAGES; n++) {
                for (int p = 0; p < PIXELS; p++) {
                    double value = values[(n * channels + c) * PIXELS + p];
                    sum += value;
                    squares += value * value;
                }
            }
            mean[c] = (float) (sum / (IMAGES * PIXELS));
            variance[c] = (float) (squares / (IMAGES * PIXELS) - mean[c] * (double) mean[c]);
        }
        return new NormStatistics.Layer(name, mean, variance);
    }

    private static float[] renormalised(OnnxModel model, float[] values, NormStatistics.Layer own, float prior) {
        OnnxNode norm = model.node("bn1");
        float[][] constants = new float[5][];
        for (int i = 1; i < 5; i++) {
            constants[i] = model.constant(norm.input(i)).orElseThrow().floats();
        }
        int channels = own.channels();
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int c = i / PIXELS % channels;
            double mean = prior * constants[3][c] + (1 - prior) * own.mean()[c];
            double variance = prior * constants[4][c] + (1 - prior) * own.variance()[c];
            result[i] = (float) (constants[1][c] * (values[i] - mean) / Math.sqrt(variance + 1e-3) + constants[2][c]);
        }
        return result;
    }

    private static float[] relu(float[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = Math.max(0, values[i]);
        }
        return result;
    }
}
