package io.cema.demo.signs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.training.Accuracy;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The committed models are what the demo needs: as built, right by day, and worse in a drift. */
class SignModelsTest {
    private static final long SEED = 77;

    @ParameterizedTest
    @EnumSource(names = {"EDGE", "FOUNDATION"})
    void committedModel_isTheNetOfItsName(SignModels which) throws IOException {
        OnnxModel committed = OnnxModel.parse(read(which));

        assertThat(committed.normLayers()).isEqualTo(which.build(0).normLayers());
        assertThat(committed.classes()).isEqualTo(SignClass.values().length);
    }

    @ParameterizedTest
    @EnumSource(names = {"EDGE", "FOUNDATION"})
    void committedModel_byDay_right(SignModels which) throws IOException {
        ImageSet signs = new SignGenerator().generate(200, SEED);

        assertThat(accuracy(which, signs)).isGreaterThan(0.95);
    }

    @Test
    void edge_inTheDark_fallsBelowTheFoundation() throws IOException {
        ImageSet dark = Accuracy.corrupted(new SignGenerator().generate(200, SEED), Corruption.of("dark"), 5, SEED);

        assertThat(accuracy(SignModels.EDGE, dark)).isLessThan(accuracy(SignModels.FOUNDATION, dark));
    }

    @Test
    void committedModels_together_under6Megabytes() throws IOException {
        assertThat(read(SignModels.EDGE).length + read(SignModels.FOUNDATION).length)
                .isLessThan(6_000_000);
    }

    @Test
    void compressedEdge_isTheEdgeTwoOfFourAndInt8() throws IOException {
        OnnxModel compressed = OnnxModel.parse(compressed());

        int sparse = 0;
        for (OnnxNode node : compressed.nodes()) {
            if (!node.is("Conv")) {
                continue;
            }
            OnnxTensor integers = compressed
                    .producer(node.input(1))
                    .flatMap(dequantize -> compressed.constant(dequantize.input(0)))
                    .orElseThrow();
            assertThat(integers.type()).as(node.name()).isEqualTo(OnnxTensor.Type.INT8);
            long[] dims = integers.dims();
            if (dims[0] % 8 == 0 && dims[1] % 16 == 0) {
                assertThat(mostInFour(integers)).as(node.name()).isLessThanOrEqualTo(2);
                sparse++;
            }
        }
        // All but the first.
        assertThat(sparse).isEqualTo(SignModels.EDGE.build(0).normLayers().size() - 1);
        assertThat(compressed.affine().channels())
                .isEqualTo(OnnxModel.parse(read(SignModels.EDGE)).affine().channels());
    }

    /** Most non-zero weights among four consecutive input channels. */
    private static int mostInFour(OnnxTensor weight) {
        long[] values = weight.longs();
        int positions = (int) (weight.dims()[2] * weight.dims()[3]);
        int most = 0;
        for (int from = 0; from < values.length; from += 4 * positions) {
            for (int k = 0; k < positions; k++) {
                int nonZero = 0;
                for (int i = 0; i < 4; i++) {
                    nonZero += values[from + i * positions + k] == 0 ? 0 : 1;
                }
                most = Math.max(most, nonZero);
            }
        }
        return most;
    }

    @Test
    void compressedEdge_byDay_asRightAsTheEdge() throws IOException {
        ImageSet signs = new SignGenerator().generate(1000, SEED);

        assertThat(accuracy(compressed(), signs)).isGreaterThan(accuracy(SignModels.EDGE, signs) - 0.01);
    }

    private static double accuracy(SignModels which, ImageSet images) throws IOException {
        return accuracy(read(which), images);
    }

    private static double accuracy(byte[] onnx, ImageSet images) {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(onnx)) {
            return Accuracy.of(engine, images, SignGenerator.SIDE, SignModels.PREPROCESSING);
        }
    }

    private static byte[] compressed() throws IOException {
        return Files.readAllBytes(Path.of("models", "signs-edge-int8.onnx"));
    }

    private static byte[] read(SignModels which) throws IOException {
        // Surefire runs in the module's folder.
        return Files.readAllBytes(Path.of("models", which.fileName()));
    }
}
