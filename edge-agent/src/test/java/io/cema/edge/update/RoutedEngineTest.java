package io.cema.edge.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.ForwardingEngine;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutedEngineTest {
    private static final int CLASSES = TestModels.CLASSES;

    private final OnnxModel model = TestModels.residual();
    private final ModelManifest manifest = TestModels.manifest("residual", model);
    private final AffineFolder folder = new AffineFolder(model);
    private final EngineFactory factory = new OnnxRuntimeEngineFactory(1);
    private final List<Counted> opened = new ArrayList<>();
    /** For dark images, for bright ones. */
    private final Adaptation adaptation = Mixtures.darkAndBright(folder.base()).plus(folder.base());

    private final List<InferenceEngine> references = new ArrayList<>();
    private InferenceEngine routed;

    /** A real engine that counts how often it was closed. */
    private static final class Counted extends ForwardingEngine {
        private int closed;

        Counted(InferenceEngine engine) {
            super(engine);
        }

        @Override
        public void close() {
            closed++;
            super.close();
        }
    }

    @BeforeEach
    void open() {
        adaptation.experts().forEach(e -> references.add(factory.open(folder.fold(e.affine()))));
        routed = RoutedEngine.open(adaptation, manifest, this::opened);
    }

    @AfterEach
    void close() {
        if (opened.stream().allMatch(e -> e.closed == 0)) {
            routed.close();
        }
        references.forEach(InferenceEngine::close);
    }

    @Test
    void logits_singleImages_areExactlyThoseOfTheirExperts() {
        for (int i = 0; i < 8; i++) {
            float[] image = image(i);

            assertThat(routed.logits(image, 1))
                    .containsExactly(references.get(i % 2).logits(image, 1));
        }
        assertThat(references.get(0).logits(image(0), 1))
                .as("experts that differ")
                .isNotEqualTo(references.get(1).logits(image(0), 1));
    }

    @Test
    void logits_batchOfOneExpertsImages_areExactlyThatExpertsOfTheBatch() {
        float[] bright = batch(List.of(1, 3, 5));

        assertThat(routed.logits(bright, 3)).containsExactly(references.get(1).logits(bright, 3));
    }

    @Test
    void logits_batchesMixedInAnyOrder_areEachImagesOwnInItsRow() {
        Random random = new Random(5);
        for (int round = 0; round < 20; round++) {
            List<Integer> images =
                    random.ints(1 + random.nextInt(9), 0, 100).boxed().toList();

            float[] logits = routed.logits(batch(images), images.size());

            assertThat(logits).hasSize(images.size() * CLASSES);
            for (int row = 0; row < images.size(); row++) {
                int image = images.get(row);
                assertThat(Arrays.copyOfRange(logits, row * CLASSES, (row + 1) * CLASSES))
                        .containsExactly(references.get(image % 2).logits(image(image), 1), within(1e-5f));
            }
        }
    }

    @Test
    void logits_whatIsNoPicture_isTheFirstExperts() {
        float[] tooBright = image(1);
        tooBright[7] = 1000;
        float[] noNumber = image(1);
        noNumber[7] = Float.NaN;

        assertThat(routed.logits(image(1), 1)).isEqualTo(references.get(1).logits(image(1), 1));
        assertThat(routed.logits(tooBright, 1))
                .containsExactly(references.get(0).logits(tooBright, 1));
        assertThat(routed.logits(noNumber, 1)).containsExactly(references.get(0).logits(noNumber, 1));
    }

    @Test
    void logits_wrongLength_isRefused() {
        float[] two = batch(List.of(0, 1));

        assertThatThrownBy(() -> routed.logits(two, 1))
                .isInstanceOf(InferenceException.class)
                .hasMessage("a batch of 1 needs 192 floats, has 384");
        assertThatThrownBy(() -> routed.logits(two, 3)).isInstanceOf(InferenceException.class);
        assertThatThrownBy(() -> routed.logits(new float[0], 0)).isInstanceOf(InferenceException.class);
        assertThat(routed.logits(two, 2)).as("stays usable").hasSize(2 * CLASSES);
    }

    @Test
    void logits_manyThreads_eachGetsItsOwn() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Future<Void>> all = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                int first = 10 * client;
                all.add(clients.submit(() -> {
                    for (int i = first; i < first + 100; i++) {
                        float[] batch = batch(List.of(i, i + 1, i + 3));
                        float[] logits = routed.logits(batch, 3);
                        assertThat(Arrays.copyOf(logits, CLASSES))
                                .containsExactly(references.get(i % 2).logits(image(i), 1), within(1e-5f));
                    }
                    return null;
                }));
            }
            for (Future<Void> client : all) {
                client.get(60, TimeUnit.SECONDS);
            }
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void describe_isTheModels() {
        assertThat(routed.name()).isEqualTo(factory.engineName());
        assertThat(routed.inputLength()).isEqualTo(3 * TestModels.SIZE * TestModels.SIZE);
        assertThat(routed.classes()).isEqualTo(CLASSES);
    }

    @Test
    void close_closesEachOnce() {
        routed.close();

        assertThat(opened).hasSize(2).allSatisfy(e -> assertThat(e.closed).isEqualTo(1));
    }

    @Test
    void open_single_isTheFoldedModelsEngineItself() {
        InferenceEngine single = RoutedEngine.open(Adaptation.of(folder.base()), manifest, this::opened);
        try {
            assertThat(single).isSameAs(opened.get(2));
        } finally {
            single.close();
        }
        routed.close();
    }

    @Test
    void open_secondDoesNotLoad_leavesNoneOpenAndNamesIt() {
        List<AffineParameters> asked = new ArrayList<>();

        assertThatThrownBy(() -> RoutedEngine.open(adaptation, manifest, affine -> {
                    asked.add(affine);
                    return asked.size() == 1 ? opened(affine) : factory.open(new byte[] {1, 2, 3});
                }))
                .isInstanceOf(InferenceException.class)
                .hasMessageStartingWith("expert 1: ONNX Runtime cannot load the model");

        assertThat(opened).hasSize(3);
        assertThat(opened.get(2).closed).isEqualTo(1);
        routed.close();
    }

    private InferenceEngine opened(AffineParameters affine) {
        opened.add(new Counted(factory.open(folder.fold(affine))));
        return opened.get(opened.size() - 1);
    }

    /** Even ones are dark, odd ones bright. */
    private float[] image(int i) {
        return ImageCodec.toTensor(
                i % 2 == 0 ? Mixtures.dark(i) : Mixtures.bright(i),
                manifest.height(),
                manifest.width(),
                manifest.preprocessing());
    }

    private float[] batch(List<Integer> images) {
        int length = 3 * TestModels.SIZE * TestModels.SIZE;
        float[] batch = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(image(images.get(i)), 0, batch, i * length, length);
        }
        return batch;
    }
}
