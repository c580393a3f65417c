package io.cema.bench.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.cema.bench.SharedData;
import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.bench.training.Accuracy;
import io.cema.cloud.adaptation.torch.NormMode;
import io.cema.cloud.adaptation.torch.TensorData;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.compression.CompressionSettings;
import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.cloud.compression.CompressionTask;
import io.cema.cloud.compression.Compressor;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An update folds into a compressed model as the cloud's twin computes it, and re-quantises nothing. */
class CompressedUpdateTest {
    private static final Preprocessing PREPROCESSING =
            new Preprocessing(List.of(.485, .456, .406), List.of(.229, .224, .225));
    private static final int SIDE = 32;
    private static final int BATCH = 100;

    private static OnnxModel dense;
    private static OnnxModel compressed;

    @BeforeAll
    static void compress() throws IOException {
        dense = OnnxModel.parse(Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx")));
        List<Image> images = ImageSet.readUnlabelled(SharedData.require("cifar10/train-sample.bin"))
                .subList(0, 256);
        compressed = OnnxModel.parse(new Compressor(
                        new CompressionTask(
                                "r20", dense, Optional.empty(), PREPROCESSING, List.of(), images, Optional.empty()),
                        quantizeOnly(),
                        p -> {})
                .run()
                .onnx());
    }

    /** Sparsity and training change the numbers, not what a fold does with them. */
    private static CompressionSettings quantizeOnly() {
        CompressionSettings d = CompressionSettings.defaults();
        return new CompressionSettings(
                Sparsity.NONE,
                Quantization.INT8,
                d.calibration(),
                d.distillation(),
                d.sparseStage(),
                new Schedule(0, 0.01),
                64,
                1,
                1);
    }

    @Test
    void fold_updateLearntInFog_edgeComputesWhatTheTwinDoes() throws IOException {
        ImageSet test = ImageSet.read(SharedData.require("cifar10/test.bin")).first(2000);
        ImageSet fog = Accuracy.corrupted(test, Corruption.of("fog"), 4, 1);
        List<Image> images = fog.images().stream().map(LabelledImage::image).toList();
        try (TorchModel twin = TorchModel.load(compressed, TorchSettings.cpu(1))) {
            for (int batch = 0; batch < 4; batch++) {
                try (PointerScope scope = new PointerScope()) {
                    twin.infer(tensor(images, batch * 128, 128), NormMode.RENORM);
                }
            }
            AffineParameters update = twin.effectiveAffine(NormMode.TARGET);
            twin.adopt(update); // as after an update was coded
            assertAgrees(twin, update, images);
        }
    }

    @Test
    void fold_updateWithFlippedScales_edgeComputesWhatTheTwinDoes() throws IOException {
        ImageSet test = ImageSet.read(SharedData.require("cifar10/test.bin")).first(2000);
        List<Image> images = test.images().stream().map(LabelledImage::image).toList();
        AffineFolder folder = new AffineFolder(compressed);
        AffineParameters update = withNegativeChannel(folder.base());
        try (TorchModel twin = TorchModel.load(compressed, TorchSettings.cpu(1))) {
            twin.adopt(update);
            assertAgrees(twin, update, images);
        }
        assertThat(folder.signFlips(update)).isEqualTo(1);
    }

    @Test
    void run_int8Alone_losesAtMostHalfAPoint() throws IOException {
        ImageSet test = ImageSet.read(SharedData.require("cifar10/test.bin"));

        assertThat(accuracy(compressed, test)).isGreaterThan(accuracy(dense, test) - 0.005);
    }

    private static double accuracy(OnnxModel model, ImageSet images) {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(model.toBytes())) {
            return Accuracy.of(engine, images, SIDE, PREPROCESSING);
        }
    }

    @Test
    void load_compressedModel_everyConvolutionIsOnIntegers(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("optimised.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            OrtEnvironment.getEnvironment()
                    .createSession(compressed.toBytes(), options)
                    .close();
        }
        List<String> operators = ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();

        // 19 of its own and two shortcuts; in float only the 64 features and the 10 logits.
        assertThat(operators).filteredOn("QLinearConv"::equals).hasSize(21);
        assertThat(operators).filteredOn("DequantizeLinear"::equals).hasSize(1);
        assertThat(operators)
                .doesNotContain("Conv", "FusedConv", "BatchNormalization", "Relu", "Add", "Slice")
                .filteredOn("QuantizeLinear"::equals)
                .hasSize(1);
    }

    @Test
    void fold_base_isTheFileItself() {
        assertThat(OnnxModel.parse(new AffineFolder(compressed).fold(compressed.affine()))
                        .nodes())
                .noneMatch(n -> n.is("BatchNormalization"));
        float[] have = logits(new AffineFolder(compressed).fold(compressed.affine()));
        float[] want = logits(compressed.toBytes());
        assertThat(have).containsExactly(want);
    }

    @Test
    void check_compressedModel_passes() {
        AffineFolder folder = new AffineFolder(compressed);

        assertThat(folder.foldedLayers()).isEqualTo(19);
        assertThatCode(() -> folder.check(new OnnxRuntimeEngineFactory(1))).doesNotThrowAnyException();
    }

    @Test
    void fold_update_leavesTheIntegersButForSigns() {
        AffineFolder folder = new AffineFolder(compressed);
        OnnxModel before = OnnxModel.parse(folder.fold(folder.base()));
        OnnxModel after = OnnxModel.parse(folder.fold(withNegativeChannel(folder.base())));

        int changed = 0;
        for (OnnxTensor tensor : before.initializers().values()) {
            if (tensor.type() == OnnxTensor.Type.INT8 && tensor.dims().length == 4) {
                byte[] old = tensor.bytes();
                byte[] now = after.initializers().get(tensor.name()).bytes();
                changed += Arrays.equals(old, now) ? 0 : 1;
                for (int i = 0; i < old.length; i++) {
                    assertThat(Math.abs(now[i])).isEqualTo(Math.abs(old[i]));
                }
            }
        }
        assertThat(changed).as("layers with a flipped channel").isEqualTo(1);
    }

    @Test
    void manifest_namesWhatAnUpdateTouches() {
        assertThat(compressed.normLayers()).hasSize(19).allSatisfy(layer -> assertThat(layer.touches())
                .hasSize(3)
                .allSatisfy(name -> assertThat(fileConstants()).contains(name)));
        NormLayer first = compressed.normLayers().get(0);
        assertThat(first.touches()).first().asString().contains("conv1");
    }

    private static List<String> fileConstants() {
        // The fold writes into the very constants of the file.
        AffineFolder folder = new AffineFolder(compressed);
        return List.copyOf(
                OnnxModel.parse(folder.fold(folder.base())).initializers().keySet());
    }

    private static AffineParameters withNegativeChannel(AffineParameters base) {
        List<AffineParameters.Layer> layers = new ArrayList<>(base.layers());
        AffineParameters.Layer old = layers.get(3);
        float[] scale = old.scale().clone();
        float[] shift = old.shift().clone();
        scale[5] = -0.3f * scale[5];
        shift[7] += 0.1f;
        layers.set(3, new AffineParameters.Layer(old.name(), scale, shift));
        return new AffineParameters(layers);
    }

    private static void assertAgrees(TorchModel twin, AffineParameters update, List<Image> images) {
        long start = System.nanoTime();
        byte[] folded = new AffineFolder(compressed).fold(update);
        int same = 0;
        double difference = 0;
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(folded)) {
            double milliseconds = (System.nanoTime() - start) / 1e6;
            for (int from = 0; from < images.size(); from += BATCH) {
                float[] edge = engine.logits(input(images, from, BATCH), BATCH);
                float[] cloud;
                try (PointerScope scope = new PointerScope()) {
                    cloud = TensorData.floats(twin.infer(tensor(images, from, BATCH), NormMode.TARGET));
                }
                for (int i = 0; i < BATCH; i++) {
                    same += argmax(edge, i) == argmax(cloud, i) ? 1 : 0;
                }
                for (int i = 0; i < edge.length; i++) {
                    difference += Math.abs(edge[i] - cloud[i]) / edge.length / (images.size() / BATCH);
                }
            }
            System.out.printf(
                    "fold and load %.1f ms, same class on %d of %d, mean distance of a logit %.4f%n",
                    milliseconds, same, images.size(), difference);
        }
        // A value within float32's rounding of the middle between two steps may take either, and the step spreads.
        assertThat(difference).isLessThan(0.05);
        assertThat((double) same / images.size()).isGreaterThanOrEqualTo(0.995);
    }

    private static float[] logits(byte[] onnx) {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(onnx)) {
            float[] input = new float[engine.inputLength()];
            for (int i = 0; i < input.length; i++) {
                input[i] = (float) Math.sin(i);
            }
            return engine.logits(input, 1);
        }
    }

    private static int argmax(float[] logits, int row) {
        int best = 0;
        for (int c = 1; c < 10; c++) {
            best = logits[row * 10 + c] > logits[row * 10 + best] ? c : best;
        }
        return best;
    }

    private static Tensor tensor(List<Image> images, int from, int n) {
        return TensorData.of(input(images, from, n), n, 3, SIDE, SIDE);
    }

    private static float[] input(List<Image> images, int from, int n) {
        int each = 3 * SIDE * SIDE;
        float[] input = new float[n * each];
        for (int i = 0; i < n; i++) {
            System.arraycopy(
                    ImageCodec.toTensor(images.get(from + i), SIDE, SIDE, PREPROCESSING), 0, input, i * each, each);
        }
        return input;
    }
}
