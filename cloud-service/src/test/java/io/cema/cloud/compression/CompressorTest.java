package io.cema.cloud.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.cloud.compression.CompressionSettings.Method;
import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import io.cema.protocol.onnx.SignedActivations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on a small net, with the real libtorch and ONNX Runtime. */
class CompressorTest {
    private static final CompressionSettings DEFAULTS = CompressionSettings.defaults();

    private static CompressionSettings settings(Sparsity sparsity, Quantization quantization) {
        return settings(sparsity, quantization, DEFAULTS.calibration(), 0.01);
    }

    private static CompressionSettings settings(
            Sparsity sparsity, Quantization quantization, Calibration calibration, double rate) {
        return new CompressionSettings(
                sparsity,
                quantization,
                calibration,
                DEFAULTS.distillation(),
                new Schedule(1, rate),
                new Schedule(1, rate / 4),
                32,
                1,
                1);
    }

    private static CompressionTask task(OnnxModel model, int images) {
        return new CompressionTask(
                "small",
                model,
                Optional.empty(),
                SmallNet.PREPROCESSING,
                List.of(),
                SmallNet.images(images, 1),
                Optional.empty());
    }

    private static CompressionResult compress(OnnxModel model, Sparsity sparsity, Quantization quantization) {
        return new Compressor(task(model, 160), settings(sparsity, quantization), p -> {}).run();
    }

    @Test
    void run_sparseAndInt8_reportsEveryStageAndLayer() {
        CompressionReport report = compress(SmallNet.residual(17, 1), Sparsity.TWO_OF_FOUR, Quantization.INT8)
                .report();

        assertThat(report.stages())
                .extracting(CompressionReport.Stage::stage)
                .containsExactly("dense", "sparse", "sparse-int8");
        assertThat(report.stages()).allSatisfy(s -> {
            assertThat(s.imagesPerSecond()).isPositive();
            assertThat(s.microseconds().keySet()).contains(s.stage().endsWith("int8") ? "QLinearConv" : "Conv");
            assertThat(s.agreement()).isBetween(0.0, 1.0);
            assertThat(s.accuracy()).isNull();
        });
        assertThat(report.layers())
                .extracting(CompressionReport.Layer::name)
                .containsExactly("stem", "conv1", "conv2", "conv3", "head");
        assertThat(report.layers().get(0).reason()).contains("3 input channels");
        assertThat(report.layers().get(4).reason()).contains("5 output channels");
        assertThat(report.layers().subList(1, 4)).allSatisfy(l -> {
            assertThat(l.sparse()).isTrue();
            assertThat(l.int8()).isTrue();
            assertThat(l.density()).isLessThanOrEqualTo(0.5);
        });
    }

    @Test
    void run_sparseAndInt8_exportedIntegersAreTwoOfFour() {
        OnnxModel exported = OnnxModel.parse(compress(SmallNet.residual(17, 2), Sparsity.TWO_OF_FOUR, Quantization.INT8)
                .onnx());

        for (String layer : List.of("conv1", "conv2", "conv3")) {
            OnnxNode conv = exported.node(layer);
            OnnxNode dequantize = exported.producer(conv.input(1)).orElseThrow();
            long[] integers =
                    exported.constant(dequantize.input(0)).orElseThrow().longs();
            long[] dims = exported.constant(dequantize.input(0)).orElseThrow().dims();
            int positions = (int) (dims[2] * dims[3]);
            for (int from = 0; from < integers.length; from += 4 * positions) {
                for (int k = 0; k < positions; k++) {
                    int nonZero = 0;
                    for (int i = 0; i < 4; i++) {
                        nonZero += integers[from + i * positions + k] == 0 ? 0 : 1;
                    }
                    assertThat(nonZero).as(layer).isLessThanOrEqualTo(2);
                }
            }
        }
    }

    @Test
    void run_int8_onnxRuntimeComputesEveryConvolutionInIntegers(@TempDir Path folder) throws Exception {
        byte[] onnx = compress(SmallNet.residual(17, 3), Sparsity.NONE, Quantization.INT8)
                .onnx();

        List<String> operators = optimised(onnx, folder);

        assertThat(operators).filteredOn("QLinearConv"::equals).hasSize(4);
        assertThat(operators).doesNotContain("Conv", "FusedConv", "BatchNormalization", "Relu", "Add");
    }

    private static List<String> optimised(byte[] onnx, Path folder) throws OrtException, IOException {
        Path file = folder.resolve("optimised.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            OrtEnvironment.getEnvironment().createSession(onnx, options).close();
        }
        return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }

    @Test
    void run_int8_manifestNamesTheConstantsAnUpdateTouches() {
        CompressionResult result = compress(SmallNet.residual(17, 4), Sparsity.NONE, Quantization.INT8);

        assertThat(result.manifest().layers())
                .extracting(l -> l.name())
                .containsExactlyInAnyOrder("stem.bn", "bn1", "bn2", "bn3");
        assertThat(result.manifest().layer("bn1").orElseThrow().touches())
                .containsExactly("conv1.weight.quantized", "conv1.weight.scale", "conv1.constant2");
        assertThat(result.manifest().layers())
                .isEqualTo(OnnxModel.parse(result.onnx()).normLayers());
    }

    @Test
    void run_int8_signedFormHasOnlyWhatTensorRtTakes() throws Exception {
        byte[] onnx = compress(SmallNet.residual(17, 8), Sparsity.NONE, Quantization.INT8)
                .onnx();

        ModelProto signed = ModelProto.parseFrom(SignedActivations.of(onnx));

        assertThat(signed.getGraph().getInitializerList())
                .noneMatch(t -> t.getDataType() == OnnxTensor.Type.UINT8.code()
                        || t.getDataType() == OnnxTensor.Type.INT32.code());
        assertThat(ModelProto.parseFrom(onnx).getGraph().getInitializerList())
                .anyMatch(t -> t.getDataType() == OnnxTensor.Type.UINT8.code());
        assertThat(OnnxModel.parse(signed.toByteArray()).affine())
                .isEqualTo(OnnxModel.parse(onnx).affine());
    }

    @Test
    void parse_fileChangedAfterCompression_isRefused() throws Exception {
        byte[] onnx = compress(SmallNet.residual(17, 9), Sparsity.NONE, Quantization.INT8)
                .onnx();
        ModelProto.Builder changed = ModelProto.parseFrom(onnx).toBuilder();
        for (NodeProto.Builder node : changed.getGraphBuilder().getNodeBuilderList()) {
            if (node.getName().equals("conv1")) {
                node.setName("renamed");
            }
        }

        assertThatThrownBy(() -> OnnxModel.parse(changed.build().toByteArray()))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("bn1")
                .hasMessageContaining("compress the model again");
    }

    @Test
    void run_sameSeed_sameFile() {
        assertThat(compress(SmallNet.residual(17, 5), Sparsity.TWO_OF_FOUR, Quantization.INT8)
                        .manifest()
                        .digest())
                .isEqualTo(compress(SmallNet.residual(17, 5), Sparsity.TWO_OF_FOUR, Quantization.INT8)
                        .manifest()
                        .digest());
    }

    @Test
    void run_quantisedModel_isRefused() {
        OnnxModel quantised = OnnxModel.parse(compress(SmallNet.residual(17, 6), Sparsity.NONE, Quantization.INT8)
                .onnx());

        assertThatThrownBy(() -> compress(quantised, Sparsity.NONE, Quantization.INT8))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("quantised already");
    }

    @Test
    void run_noEligibleLayer_isRefusedWithReasons() {
        assertThatThrownBy(() -> compress(SmallNet.narrow(), Sparsity.TWO_OF_FOUR, Quantization.INT8))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("conv: 3 input channels")
                .hasMessageContaining("compress without sparsity");
    }

    @Test
    void run_tooFewImages_saysHowManyAreNeeded() {
        assertThatThrownBy(() -> new Compressor(
                                task(SmallNet.residual(17, 1), 20), settings(Sparsity.NONE, Quantization.INT8), p -> {})
                        .run())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("20 images")
                .hasMessageContaining("128");
    }

    @Test
    void run_oldOperatorSet_isRefused() {
        assertThatThrownBy(() -> compress(SmallNet.residual(12, 1), Sparsity.NONE, Quantization.INT8))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("operator set 12");
    }

    @Test
    void run_activationsSaturate_namesThem() {
        CompressionSettings tight =
                settings(Sparsity.NONE, Quantization.INT8, new Calibration(Method.PERCENTILE, 60, 0.01), 0.01);

        assertThatThrownBy(() -> new Compressor(task(SmallNet.residual(17, 1), 160), tight, p -> {}).run())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("input (")
                .hasMessageContaining("min-max");
    }

    @Test
    void run_trainingDiverges_keepsTheLastGoodState() {
        CompressionSettings wild = settings(Sparsity.TWO_OF_FOUR, Quantization.NONE, DEFAULTS.calibration(), 1e30);

        CompressionException e = catchThrowableOfType(
                CompressionException.class,
                () -> new Compressor(task(SmallNet.residual(17, 1), 160), wild, p -> {}).run());

        assertThat(e).hasMessageContaining("stage sparse, pass 1, step");
        assertThat(e.lastGood()).isPresent();
        assertThat(e.lastGood().orElseThrow().affine().channels()).isEqualTo(16 + 3 * 32);
        e.lastGood().orElseThrow().affine().requireFinite();
    }

    @Test
    void run_listenerCancels_stops() {
        List<Progress> heard = new ArrayList<>();

        assertThatThrownBy(() -> new Compressor(
                                task(SmallNet.residual(17, 1), 160),
                                settings(Sparsity.TWO_OF_FOUR, Quantization.INT8),
                                p -> {
                                    heard.add(p);
                                    if (p.done() > 0) {
                                        throw new CancellationException("enough");
                                    }
                                })
                        .run())
                .isInstanceOf(CancellationException.class);
        assertThat(heard).hasSize(2);
    }

    @Test
    void run_minMaxAndEntropy_workToo() {
        List<Image> images = SmallNet.images(160, 1);
        for (Method method : List.of(Method.MIN_MAX, Method.ENTROPY)) {
            CompressionReport report = new Compressor(
                            new CompressionTask(
                                    "small",
                                    SmallNet.residual(17, 7),
                                    Optional.empty(),
                                    SmallNet.PREPROCESSING,
                                    List.of(),
                                    images,
                                    Optional.empty()),
                            settings(Sparsity.NONE, Quantization.INT8, new Calibration(method, 100, 0.2), 0.001),
                            p -> {})
                    .run()
                    .report();

            assertThat(report.stages().get(1).agreement()).as(method.name()).isGreaterThan(0.8);
        }
    }
}
