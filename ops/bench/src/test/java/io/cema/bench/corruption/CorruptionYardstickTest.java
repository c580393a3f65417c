package io.cema.bench.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.bench.SharedData;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A public ResNet-20 falls under our corruptions as far as under those of an independent implementation (5,000 images,
 * severity 5). 1,000 images give a standard error of up to 1.6 points; twice that, and a little for the first images
 * not being the mean of all, is the tolerance.
 */
class CorruptionYardstickTest {
    private static final int IMAGES = 1000;
    private static final int BATCH = 100;
    private static final float[] MEAN = {.485f, .456f, .406f};
    private static final float[] DEVIATION = {.229f, .224f, .225f};

    @ParameterizedTest
    @CsvSource({"fog,45.3", "contrast,21.9", "defocus_blur,49.0", "gaussian_noise,17.6", "motion_blur,47.1", "snow,54.0"
    })
    void resnet20_severity5_accuracyOfTheYardstick(String name, double expected) throws IOException {
        byte[] model = Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx"));
        List<LabelledImage> images = ImageSet.read(SharedData.require("cifar10/test.bin"))
                .first(IMAGES)
                .images();

        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(model)) {
            assertThat(accuracy(engine, images, Corruption.of(name))).isCloseTo(expected, within(4.0));
        }
    }

    private static double accuracy(InferenceEngine engine, List<LabelledImage> images, Corruption corruption) {
        Random random = new Random(1);
        int right = 0;
        for (int start = 0; start < images.size(); start += BATCH) {
            float[] input = new float[BATCH * engine.inputLength()];
            for (int i = 0; i < BATCH; i++) {
                Image spoilt = corruption.apply(images.get(start + i).image(), 5, random);
                normalise(spoilt, input, i * engine.inputLength());
            }
            float[] logits = engine.logits(input, BATCH);
            for (int i = 0; i < BATCH; i++) {
                int best = 0;
                for (int c = 1; c < engine.classes(); c++) {
                    if (logits[i * engine.classes() + c] > logits[i * engine.classes() + best]) {
                        best = c;
                    }
                }
                right += best == images.get(start + i).label() ? 1 : 0;
            }
        }
        return 100.0 * right / images.size();
    }

    private static void normalise(Image image, float[] to, int offset) {
        int n = image.width() * image.height();
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < n; i++) {
                to[offset + c * n + i] = ((image.rgb()[3 * i + c] & 0xff) / 255f - MEAN[c]) / DEVIATION[c];
            }
        }
    }
}
