package io.cema.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.SharedData;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.cloud.compression.CompressionSettings;
import io.cema.cloud.compression.CompressionSettings.Schedule;
import io.cema.cloud.compression.CompressionTask;
import io.cema.cloud.compression.Compressor;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtSettings;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.TensorRt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ResNet-20 and its sparse INT8 form, on images: TensorRT answers as ONNX Runtime does. */
class CompressedResNetGpuTest {
    private static final Preprocessing PREPROCESSING =
            new Preprocessing(List.of(.485, .456, .406), List.of(.229, .224, .225));
    private static final int SIDE = 32;
    private static final int IMAGES = 512;
    /** Of the classes: images whose two best logits are nearly equal may go either way. */
    private static final double SAME_CLASS = .99;

    @TempDir
    private Path plans;

    @Test
    @Tag("gpu")
    void resnet20_batch1And64() throws IOException {
        assertSameClasses(dense());
    }

    @Test
    @Tag("gpu")
    void sparseInt8ResNet20_batch1And64() throws IOException {
        assertSameClasses(compressed());
    }

    /** What the tests above compare, on a machine without a GPU: the file is sound and the comparison can tell. */
    @Test
    void onnxRuntime_agreesWithItselfAndNotWithTheUncompressedModel() throws IOException {
        byte[] compressed = compressed();
        EngineFactory engines = new OnnxRuntimeEngineFactory(1);
        try (InferenceEngine one = engines.open(compressed);
                InferenceEngine other = engines.open(dense())) {
            float[] images = images(64);
            assertThat(sameClasses(one.logits(images, 64), one.logits(images, 64), one.classes()))
                    .isEqualTo(64);
            assertThat(sameClasses(one.logits(images, 64), other.logits(images, 64), one.classes()))
                    .as("pruned without learning")
                    .isLessThan(64);
        }
    }

    private void assertSameClasses(byte[] onnx) throws IOException {
        EngineFactory reference = new OnnxRuntimeEngineFactory(1);
        try (EngineFactory engines = new TensorRtEngineFactory(
                        TensorRt.open(), reference, new TensorRtSettings(plans, Refit.NAMED, false, 64, 1, 0));
                InferenceEngine engine = engines.open(onnx);
                InferenceEngine golden = reference.open(onnx)) {
            float[] images = images(IMAGES);
            float[] want = golden.logits(images, IMAGES);
            int least = (int) (SAME_CLASS * IMAGES);
            assertThat(sameClasses(engine.logits(images, IMAGES), want, engine.classes()))
                    .as("in batches of 64")
                    .isGreaterThanOrEqualTo(least);
            float[] single = new float[want.length];
            for (int i = 0; i < IMAGES; i++) {
                float[] image = new float[engine.inputLength()];
                System.arraycopy(images, i * image.length, image, 0, image.length);
                System.arraycopy(engine.logits(image, 1), 0, single, i * engine.classes(), engine.classes());
            }
            assertThat(sameClasses(single, want, engine.classes()))
                    .as("one by one")
                    .isGreaterThanOrEqualTo(least);
        }
    }

    private static int sameClasses(float[] one, float[] other, int classes) {
        int same = 0;
        for (int row = 0; row * classes < one.length; row++) {
            same += best(one, row, classes) == best(other, row, classes) ? 1 : 0;
        }
        return same;
    }

    private static int best(float[] logits, int row, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = logits[row * classes + c] > logits[row * classes + best] ? c : best;
        }
        return best;
    }

    private static byte[] dense() throws IOException {
        return Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx"));
    }

    /** Pruned 2:4 and quantised, not trained: accuracy is not asked for here. */
    private static byte[] compressed() throws IOException {
        CompressionSettings d = CompressionSettings.defaults();
        CompressionSettings untrained = new CompressionSettings(
                d.sparsity(),
                d.quantization(),
                d.calibration(),
                d.distillation(),
                new Schedule(0, .01),
                new Schedule(0, .01),
                64,
                1,
                1);
        List<Image> images = ImageSet.read(SharedData.require("cifar10/test.bin")).first(256).images().stream()
                .map(LabelledImage::image)
                .toList();
        CompressionTask task = new CompressionTask(
                "r20", OnnxModel.parse(dense()), Optional.empty(), PREPROCESSING, List.of(), images, Optional.empty());
        return new Compressor(task, untrained, p -> {}).run().onnx();
    }

    private static float[] images(int count) throws IOException {
        ImageSet set = ImageSet.read(SharedData.require("cifar10/test.bin")).first(count);
        float[] all = new float[count * 3 * SIDE * SIDE];
        for (int i = 0; i < count; i++) {
            float[] one = ImageCodec.toTensor(set.images().get(i).image(), SIDE, SIDE, PREPROCESSING);
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return all;
    }
}
