package io.cema.bench.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainingTest {
    private static final int SIDE = 8;
    private static final Preprocessing HALF = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));
    private static final ResidualNet NET = new ResidualNet("tiny", SIDE, 4, List.of(new ResidualNet.Stage(8, 1)), 3);
    private static final Training TRAINING = new Training(8, 16, 0.05, Augmentation.light(), HALF, 1);

    @Test
    void run_threeColours_onnxRuntimeTellsThemApart() {
        OnnxModel trained = TRAINING.run(NET.build(1), colours(160, 1), 1, (step, steps, loss) -> {});

        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(trained.toBytes())) {
            assertThat(Accuracy.of(engine, colours(60, 2), SIDE, HALF)).isGreaterThan(0.95);
        }
    }

    @Test
    void run_keepsBatchNormalisationAsNodes() {
        OnnxModel trained = TRAINING.run(NET.build(1), colours(16, 1), 1, (step, steps, loss) -> {});

        // Stem, two of the block, one of its shortcut.
        assertThat(trained.normLayers()).hasSize(4);
        assertThat(trained.opset()).isEqualTo(17);
        assertThat(trained.input().name()).isEqualTo("input");
        assertThat(trained.output().name()).isEqualTo("logits");
    }

    @Test
    void run_fewerImagesThanABatch_saysHowMany() {
        assertThatThrownBy(() -> TRAINING.run(NET.build(1), colours(15, 1), 1, (step, steps, loss) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("15 training images");
    }

    @Test
    void augmentations_sameSeed_sameValues() {
        Image image = colours(1, 1).images().get(0).image();
        for (Augmentation augmentation :
                List.of(Augmentation.light(), Augmentation.moderate(), Augmentation.strong())) {
            for (int seed = 0; seed < 20; seed++) {
                float[] first = augmentation.apply(image, new Random(seed));

                assertThat(first).hasSize(image.rgb().length).isEqualTo(augmentation.apply(image, new Random(seed)));
            }
        }
    }

    private static ImageSet colours(int count, long seed) {
        Random random = new Random(seed);
        List<LabelledImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[SIDE * SIDE * 3];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (random.nextInt(120) + (k % 3 == i % 3 ? 100 : 0));
            }
            images.add(new LabelledImage(new Image(SIDE, SIDE, rgb), i % 3));
        }
        return new ImageSet(List.of("red", "green", "blue"), images);
    }
}
