package io.cema.edge.inference.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.TestModels;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SkeletonTest {
    private static final Path COMPRESSED = Path.of("../ops/demo/models/signs-edge-int8.onnx");

    /** What a plan is shared by: every update of a model. */
    @Test
    void updates_of_a_model_share_it_and_differ_in_weights() {
        AffineFolder folder = new AffineFolder(TestModels.residual());
        Skeleton base = Skeleton.of(folder.fold(folder.base()));
        Skeleton updated = Skeleton.of(
                folder.fold(TestModels.difference(folder.base(), .05, 1).plus(folder.base())));
        assertThat(updated.digest()).isEqualTo(base.digest());
        assertThat(updated.weights().changesFrom(base.weights().digests())).isNotEmpty();
        assertThat(base.weights().changesFrom(base.weights().digests())).isEmpty();
    }

    @Test
    void updates_of_a_compressed_model_share_it_and_touch_few_weights() throws IOException {
        AffineFolder folder = new AffineFolder(OnnxModel.parse(Files.readAllBytes(COMPRESSED)));
        Skeleton base = Skeleton.of(folder.fold(folder.base()));
        Skeleton updated = Skeleton.of(
                folder.fold(TestModels.difference(folder.base(), .001, 1).plus(folder.base())));
        assertThat(base.quantized()).isTrue();
        assertThat(updated.digest()).as("no sign flips").isEqualTo(base.digest());
        int floats = updated.weights().changesFrom(base.weights().digests()).values().stream()
                .mapToInt(f -> f.length)
                .sum();
        assertThat(floats).as("scales and biases").isBetween(100, 10_000);
    }

    @Test
    void integer_weights_belong_to_it() {
        assertThat(Skeleton.of(withIntegers((byte) 3)).digest())
                .isNotEqualTo(Skeleton.of(withIntegers((byte) -3)).digest());
    }

    @Test
    void other_graphs_have_other_ones() {
        assertThat(Skeleton.of(TestModels.residual().toBytes()).digest())
                .isNotEqualTo(Skeleton.of(TestModels.concat().toBytes()).digest());
    }

    @Test
    void the_zeros_of_sparse_weights_belong_to_it() {
        OnnxModel model = TestModels.residual();
        OnnxTensor weight = model.initializers().values().stream()
                .filter(t -> t.type() == OnnxTensor.Type.FLOAT && t.size() >= 64)
                .findFirst()
                .orElseThrow();
        byte[] even = sparse(model, weight, 0);
        byte[] odd = sparse(model, weight, 1);
        assertThat(Skeleton.of(even).digest()).isNotEqualTo(Skeleton.of(odd).digest());
        assertThat(Skeleton.of(even).digest())
                .isNotEqualTo(Skeleton.of(model.toBytes()).digest());
    }

    @Test
    void a_note_brings_the_digests_back() {
        WeightSet weights = Skeleton.of(TestModels.residual().toBytes()).weights();
        assertThat(WeightSet.digests(weights.note())).isEqualTo(weights.digests());
        assertThat(WeightSet.digests(new byte[0])).isEmpty();
    }

    private static byte[] sparse(OnnxModel model, OnnxTensor weight, int kept) {
        float[] values = new float[weight.size()];
        for (int i = kept; i < values.length; i += 2) {
            values[i] = 1 + i;
        }
        OnnxGraphEditor editor = model.edit();
        return editor.replaceInitializer(weight.name(), values).toBytes();
    }

    private static byte[] withIntegers(byte value) {
        OnnxBuilder graph = new OnnxBuilder("integers", 17, 1);
        String x = graph.input("input", 8, 8);
        String weight = graph.constant(OnnxTensor.of("weight", OnnxTensor.Type.INT8, filled(value), 4, 3, 1, 1));
        String scale = graph.constant(OnnxTensor.of("scale", new float[] {.01f}));
        String conv = graph.node("Conv", x, graph.node("DequantizeLinear", weight, scale));
        String logits = graph.linear("fc", graph.flatten(graph.globalAveragePool(conv)), 4, 4);
        return graph.output("logits", logits, 4).toBytes();
    }

    private static byte[] filled(byte value) {
        byte[] weights = new byte[12];
        java.util.Arrays.fill(weights, value);
        return weights;
    }
}
