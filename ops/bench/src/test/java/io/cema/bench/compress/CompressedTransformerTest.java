package io.cema.bench.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.bench.training.VisionTransformer;
import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.TensorData;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.compression.CompressionReport;
import io.cema.cloud.compression.CompressionResult;
import io.cema.cloud.compression.CompressionSettings;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionTask;
import io.cema.cloud.compression.Compressor;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A vision transformer through the same job, with layer normalisation as what an update is about. */
class CompressedTransformerTest {
    private static final int SIDE = 16;
    private static final int DEPTH = 2;
    private static final Preprocessing HALF = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private static CompressionResult result;

    @BeforeAll
    static void compress() {
        OnnxModel net = new VisionTransformer("vit", SIDE, 4, 32, DEPTH, 2, 8).build(1);
        CompressionSettings d = CompressionSettings.defaults();
        CompressionSettings quick = new CompressionSettings(
                d.sparsity(),
                d.quantization(),
                d.calibration(),
                d.distillation(),
                new Schedule(1, 0.001),
                new Schedule(1, 0.001),
                32,
                1,
                1);
        CompressionTask task =
                new CompressionTask("vit", net, Optional.empty(), HALF, List.of(), images(160), Optional.empty());
        result = new Compressor(task, quick, p -> {}).run();
    }

    private static List<Image> images(int count) {
        Random random = new Random(1);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[3 * SIDE * SIDE];
            random.nextBytes(rgb);
            images.add(new Image(SIDE, SIDE, rgb));
        }
        return images;
    }

    @Test
    void run_everyProductOfABlockIsSparseAndInt8() {
        assertThat(result.report().layers())
                .filteredOn(l -> l.name().startsWith("block"))
                .hasSize(4 * DEPTH)
                .allSatisfy(l -> {
                    assertThat(l.sparse()).as(l.name()).isTrue();
                    assertThat(l.int8()).as(l.name()).isTrue();
                    assertThat(l.density()).as(l.name()).isLessThanOrEqualTo(0.5);
                });
        assertThat(result.report().stages())
                .extracting(CompressionReport.Stage::stage)
                .containsExactly("dense", "sparse", "sparse-int8");
    }

    @Test
    void run_manifestNamesTheLayerNorms() {
        assertThat(result.manifest().layers()).hasSize(2 * DEPTH + 1).allSatisfy(layer -> {
            assertThat(layer.kind()).isEqualTo(NormKind.LAYER);
            assertThat(layer.touches()).containsExactly(layer.name() + ".weight", layer.name() + ".bias");
        });
    }

    @Test
    void fold_update_changesLayerNormsAloneAndGivesTheTwinsLogits() {
        OnnxModel compressed = OnnxModel.parse(result.onnx());
        AffineFolder folder = new AffineFolder(compressed);
        AffineParameters update = moved(folder.base());
        byte[] folded = folder.fold(update);

        OnnxModel after = OnnxModel.parse(folded);
        List<String> touched = result.manifest().layers().stream()
                .flatMap(l -> l.touches().stream())
                .toList();
        compressed.initializers().forEach((name, tensor) -> {
            boolean same =
                    Arrays.equals(tensor.bytes(), after.initializers().get(name).bytes());
            assertThat(same).as(name).isEqualTo(!touched.contains(name));
        });
        assertThat(after.nodes()).extracting(OnnxNode::op).contains("LayerNormalization");
        assertAgrees(compressed, update, folded);
    }

    private static AffineParameters moved(AffineParameters base) {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : base.layers()) {
            float[] scale = layer.scale().clone();
            float[] shift = layer.shift().clone();
            for (int c = 0; c < scale.length; c++) {
                scale[c] *= (float) (1 + 0.1 * Math.sin(c));
                shift[c] += (float) (0.05 * Math.cos(c));
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }

    private static void assertAgrees(OnnxModel compressed, AffineParameters update, byte[] folded) {
        int n = 8;
        float[] input = new float[n * 3 * SIDE * SIDE];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) Math.sin(0.37 * i);
        }
        try (TorchModel twin = TorchModel.load(compressed, TorchSettings.cpu(1));
                InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(folded);
                PointerScope scope = new PointerScope()) {
            twin.adopt(update);
            float[] cloud = TensorData.floats(twin.infer(TensorData.of(input, n, 3, SIDE, SIDE), NormMode.TARGET));
            float[] edge = engine.logits(input, n);
            for (int i = 0; i < edge.length; i++) {
                // Logits reach 2; a step of an activation in between is a hundredth of them.
                assertThat((double) edge[i]).isCloseTo(cloud[i], within(0.03));
            }
        }
    }
}
