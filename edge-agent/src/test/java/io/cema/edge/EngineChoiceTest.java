package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.trt.TensorRtException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineChoiceTest {
    @TempDir
    private Path data;

    @Test
    void auto_withoutGpu_runsOnOnnxRuntimeAndSaysWhy() throws IOException {
        noGpu();
        try (EngineFactory engines = EngineChoice.of(settings("auto"), data);
                InferenceEngine engine = engines.open(TestModels.residual().toBytes())) {
            assertThat(engine.name())
                    .startsWith("onnxruntime-cpu")
                    .contains("TensorRT cannot be used")
                    .contains("libcuda");
        }
    }

    @Test
    void tensorrt_withoutGpu_doesNotStart() {
        noGpu();
        assertThatThrownBy(() -> EngineChoice.of(settings("tensorrt"), data))
                .isInstanceOf(TensorRtException.class)
                .hasMessageContaining("Install the NVIDIA driver");
    }

    @Test
    void onnxruntime_isNotCommentedOn() throws IOException {
        try (EngineFactory engines = EngineChoice.of(settings("onnxruntime"), data)) {
            assertThat(engines.engineName()).matches("onnxruntime-cpu [0-9.]+");
        }
    }

    private static void noGpu() {
        assumeFalse(
                Files.exists(Path.of("/dev/nvidiactl")) || Files.exists(Path.of("/dev/nvmap")), "there is a GPU here");
    }

    private EdgeSettings.Inference settings(String engine) {
        return new SmallRyeConfigBuilder()
                .withMapping(EdgeSettings.Inference.class, "cema.inference")
                .withDefaultValue("cema.inference.engine", engine)
                .build()
                .getConfigMapping(EdgeSettings.Inference.class, "cema.inference");
    }
}
