package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.TestModels;
import io.cema.edge.frame.Frame;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.InferenceDesk.ClassifiedPhoto;
import io.cema.edge.serving.ServedImages.Photo;
import io.cema.edge.serving.ServedImages.Served;
import io.cema.edge.serving.batch.BatchSettings;
import io.cema.edge.serving.batch.MicroBatcher;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.ActiveModels.Place;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which model a request gets, where there are several. */
class InferenceDeskTest {
    private static final Photo PHOTO = new Photo(
            new Image(TestModels.SIZE, TestModels.SIZE, new byte[3 * TestModels.SIZE * TestModels.SIZE]),
            new Frame.Encoded(ImageFormat.PNG, new byte[0]));

    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private final MicroBatcher batcher = new MicroBatcher(new BatchSettings(1, 1, Duration.ZERO, 4, Duration.ZERO));
    private final ActiveModels models = new ActiveModels();
    private final List<Place> places = new ArrayList<>();
    private final List<Served> learnt = new CopyOnWriteArrayList<>();
    private final InferenceDesk desk = new InferenceDesk(models, batcher, learnt::add);

    @AfterEach
    void close() {
        batcher.close();
        places.forEach(place -> place.holder().clear());
    }

    @Test
    void classify_oneModel_needsNoName() {
        serve("east", "plates", TestModels.residual());

        assertThat(classify(Optional.empty()).origin().cohort()).isEqualTo("east");
    }

    @Test
    void classify_severalModelsAndNoName_saysWhichThereAre() {
        serve("east", "plates", TestModels.residual());
        serve("west", "people", TestModels.preActivation());

        assertThatThrownBy(() -> classify(Optional.empty()))
                .isInstanceOfSatisfying(InferenceRequestException.class, e -> assertThat(e.refusal())
                        .isEqualTo(Refusal.BAD_REQUEST))
                .hasMessageContaining("parameter model")
                .hasMessageContaining("plates")
                .hasMessageContaining("people");
    }

    @Test
    void classify_named_isAnsweredAndLearntFromInThatSlot() {
        serve("east", "plates", TestModels.residual());
        serve("west", "people", TestModels.preActivation());

        assertThat(classify(Optional.of("people")).origin().cohort()).isEqualTo("west");
        assertThat(learnt)
                .singleElement()
                .satisfies(served -> assertThat(served.origin().cohort()).isEqualTo("west"));
    }

    @Test
    void describe_aNameOfTwoModels_asksForADigest() {
        ModelManifest first = serve("east", "plates", TestModels.residual());
        serve("west", "plates", TestModels.preActivation());

        assertThatThrownBy(() -> desk.describe("plates", ""))
                .isInstanceOfSatisfying(InferenceRequestException.class, e -> assertThat(e.refusal())
                        .isEqualTo(Refusal.BAD_REQUEST))
                .hasMessageContaining(first.digest());
        assertThat(desk.describe(first.shortDigest(), "").name()).isEqualTo("plates");
    }

    @Test
    void describe_aNameOfNone_saysWhatThereIs() {
        serve("east", "plates", TestModels.residual());

        assertThatThrownBy(() -> desk.describe("people", ""))
                .isInstanceOfSatisfying(InferenceRequestException.class, e -> assertThat(e.refusal())
                        .isEqualTo(Refusal.NOT_FOUND))
                .hasMessageContaining("plates");
    }

    @Test
    void describe_justAfterAChangeOfModel_findsItByItsNewNameAlone() {
        serve("east", "plates", TestModels.residual());

        swap(places.get(0).holder(), "east", "people", TestModels.preActivation());

        assertThat(desk.describe("people", "").name()).isEqualTo("people");
        assertThatThrownBy(() -> desk.describe("plates", "")).isInstanceOf(InferenceRequestException.class);
    }

    @Test
    void describe_noModelAtAll_isUnavailable() {
        models.arrange(List.of(new Place("east", new ActiveModelHolder())));

        assertThatThrownBy(() -> desk.describe("plates", ""))
                .isInstanceOfSatisfying(InferenceRequestException.class, e -> assertThat(e.refusal())
                        .isEqualTo(Refusal.UNAVAILABLE));
    }

    private ClassifiedPhoto classify(Optional<String> name) {
        return desk.classify(PHOTO, name).toCompletableFuture().join();
    }

    private ModelManifest serve(String slot, String name, OnnxModel model) {
        ActiveModelHolder holder = new ActiveModelHolder();
        ModelManifest manifest = swap(holder, slot, name, model);
        places.add(new Place(slot, holder));
        models.arrange(places);
        return manifest;
    }

    private ModelManifest swap(ActiveModelHolder holder, String slot, String name, OnnxModel model) {
        ModelManifest manifest = TestModels.manifest(name, model);
        holder.swap(new ActiveModel(engines.open(model.toBytes()), manifest, ModelOrigin.base(slot, "stable")));
        return manifest;
    }
}
