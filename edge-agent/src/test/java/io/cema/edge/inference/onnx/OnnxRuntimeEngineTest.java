package io.cema.edge.inference.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.SharedData;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxRuntimeEngineTest {
    private static final double[] MEAN = {.485, .456, .406};
    private static final double[] STD = {.229, .224, .225};

    private final OnnxRuntimeEngineFactory factory = new OnnxRuntimeEngineFactory(1);

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet56"})
    void logits_agreeWithGoldenLogits(String net) throws IOException {
        Path model = SharedData.require("cifar10/" + net + "-cifar10.onnx");
        JsonNode golden = new ObjectMapper()
                .readTree(SharedData.require("cifar10/golden-logits.json").toFile())
                .get(net);

        try (InferenceEngine engine = factory.open(Files.readAllBytes(model))) {
            int n = golden.size();
            float[] logits = engine.logits(firstImages(n), n);
            for (int i = 0; i < n; i++) {
                for (int c = 0; c < 10; c++) {
                    // The file carries 5 decimals; 1e-3 leaves room for another order of summation.
                    assertThat(logits[i * 10 + c])
                            .isCloseTo((float) golden.get(i).get(c).asDouble(), within(1e-3f));
                }
            }
        }
    }

    /** What a run leaves behind for the next one is neither its input nor its answer. */
    @Test
    void logits_ofSingleImagesAtOnce_areThoseOfTheBatch() throws Exception {
        Path model = SharedData.require("cifar10/resnet20-cifar10.onnx");
        int n = 16;
        float[] images = firstImages(n);
        try (InferenceEngine engine = factory.open(Files.readAllBytes(model))) {
            float[] batch = engine.logits(images, n);
            List<float[]> singles = IntStream.range(0, 4 * n)
                    .parallel()
                    .mapToObj(i -> engine.logits(Arrays.copyOfRange(images, i % n * 3072, (i % n + 1) * 3072), 1))
                    .toList();
            for (int i = 0; i < singles.size(); i++) {
                assertThat(singles.get(i))
                        .containsExactly(Arrays.copyOfRange(batch, i % n * 10, (i % n + 1) * 10), within(1e-3f));
            }
        }
    }

    @Test
    void logits_wrongLength_isRefused() throws IOException {
        Path model = SharedData.require("cifar10/resnet20-cifar10.onnx");
        try (InferenceEngine engine = factory.open(Files.readAllBytes(model))) {
            assertThatThrownBy(() -> engine.logits(new float[7], 1))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("3072");
        }
    }

    @Test
    void open_garbage_isRefused() {
        assertThatThrownBy(() -> factory.open(new byte[] {1, 2, 3}))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("cannot load");
    }

    private static float[] firstImages(int n) throws IOException {
        float[] batch = new float[n * 3072];
        try (DataInputStream in = new DataInputStream(Files.newInputStream(SharedData.require("cifar10/test.bin")))) {
            for (int i = 0; i < n; i++) {
                in.readByte();
                byte[] planes = in.readNBytes(3072);
                for (int k = 0; k < 3072; k++) {
                    int channel = k / 1024;
                    batch[i * 3072 + k] = (float) (((planes[k] & 0xff) / 255.0 - MEAN[channel]) / STD[channel]);
                }
            }
        }
        return batch;
    }
}
