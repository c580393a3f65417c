package io.cema.demo.signs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.training.Accuracy;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.onnx.OnnxModel;
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
    @EnumSource(SignModels.class)
    void committedModel_isTheNetOfItsName(SignModels which) throws IOException {
        OnnxModel committed = OnnxModel.parse(read(which));

        assertThat(committed.normLayers()).isEqualTo(which.net().build(0).normLayers());
        assertThat(committed.classes()).isEqualTo(SignClass.values().length);
    }

    @ParameterizedTest
    @EnumSource(SignModels.class)
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

    private static double accuracy(SignModels which, ImageSet images) throws IOException {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(read(which))) {
            return Accuracy.of(engine, images, SignGenerator.SIDE, SignModels.PREPROCESSING);
        }
    }

    private static byte[] read(SignModels which) throws IOException {
        // Surefire runs in the module's folder.
        return Files.readAllBytes(Path.of("models", which.fileName()));
    }
}
