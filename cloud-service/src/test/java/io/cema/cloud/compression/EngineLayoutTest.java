package io.cema.cloud.compression;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.QuantizedFold;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same integers in another graph, on the real ONNX Runtime. */
class EngineLayoutTest {
    private static final int SIDE = 16;
    private static final int BATCH = 8;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    @Test
    void of_imageAndShortcut_sameLogitsBitForBit() throws OrtException {
        OnnxModel plain = quantised(Integer.MAX_VALUE);

        assertThat(logits(EngineLayout.of(plain))).containsExactly(logits(plain));
    }

    @Test
    void of_imageAndShortcut_nothingBetweenTheConvolutionsLeavesTheIntegers(@TempDir Path folder) throws Exception {
        List<String> operators = optimised(EngineLayout.of(quantised(Integer.MAX_VALUE)), folder);

        assertThat(operators).filteredOn("QLinearConv"::equals).hasSize(3);
        assertThat(operators).filteredOn("Pad"::equals).hasSize(1);
        assertThat(operators).filteredOn("QuantizeLinear"::equals).hasSize(1);
        assertThat(operators).doesNotContain("Conv", "FusedConv", "Slice", "Add", "Relu");
    }

    @Test
    void of_sliceThatLeavesTheBorderOut_staysASlice() throws OrtException {
        OnnxModel plain = quantised(SIDE - 1);

        OnnxModel laidOut = EngineLayout.of(plain);

        assertThat(laidOut.nodes()).extracting(OnnxNode::op).contains("Slice");
        assertThat(logits(laidOut)).containsExactly(logits(plain));
    }

    /** A residual net with one parameter-free shortcut, whose Slice ends at {@code end}. */
    private static OnnxModel quantised(long end) {
        OnnxBuilder net = new OnnxBuilder("shortcut", 17, 1);
        String x = net.conv("stem", net.input("input", SIDE, SIDE), 3, 16, 3, 1);
        x = net.relu(net.batchNorm("stem.bn", x, 16));
        String y = net.batchNorm("bn", net.conv("conv", x, 16, 32, 3, 2), 32);
        String slice = net.node(
                "slice",
                "Slice",
                OnnxAttributes.none(),
                x,
                longs(net, "starts", 0, 0),
                longs(net, "ends", end, end),
                longs(net, "axes", 2, 3),
                longs(net, "steps", 2, 2));
        String shortcut =
                net.node("pad", "Pad", OnnxAttributes.none(), slice, longs(net, "pads", 0, 8, 0, 0, 0, 8, 0, 0));
        String features = net.flatten(net.globalAveragePool(net.relu(net.add(y, shortcut))));
        OnnxModel model = GemmSplitter.split(
                net.output("logits", net.linear("head", features, 32, 5), 5).build());
        QuantizationPlan plan = new QuantizationPlan(model);
        Map<String, Float> ranges = new HashMap<>();
        plan.activations().values().forEach(value -> ranges.put(value, 2f));
        return QuantizedGraph.withIntegers(new QuantizedGraph(model, plan).forTraining(ranges));
    }

    private static String longs(OnnxBuilder net, String name, long... values) {
        return net.constant(io.cema.protocol.onnx.OnnxTensor.of(name, values, values.length));
    }

    private float[] logits(OnnxModel model) throws OrtException {
        float[] input = new float[BATCH * 3 * SIDE * SIDE];
        Random random = new Random(1);
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        try (OrtSession session = environment.createSession(QuantizedFold.foldAll(model));
                OnnxTensor tensor = OnnxTensor.createTensor(
                        environment, FloatBuffer.wrap(input), new long[] {BATCH, 3, SIDE, SIDE});
                OrtSession.Result result = session.run(Map.of("input", tensor))) {
            float[] logits = new float[BATCH * 5];
            ((OnnxTensor) result.get(0)).getFloatBuffer().get(logits);
            return logits;
        }
    }

    private List<String> optimised(OnnxModel model, Path folder) throws OrtException, IOException {
        Path file = folder.resolve("optimised.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            environment.createSession(QuantizedFold.foldAll(model), options).close();
        }
        return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }
}
