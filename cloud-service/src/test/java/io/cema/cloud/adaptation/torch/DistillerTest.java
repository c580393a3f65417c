package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On small random networks: the mechanics. Whether it learns is for {@link DistillerLearningTest}. */
class DistillerTest {
    private static final TorchSettings TORCH = TorchSettings.cpu(1);
    static final int CLASSES = 4;

    private Distiller distiller;

    @BeforeEach
    void open() {
        distiller = distiller(AdaptationSettings.published());
    }

    @AfterEach
    void close() {
        distiller.close();
    }

    @Test
    void step_movesTheAffine() {
        distiller.step(images(16, 0, 1), List.of());

        assertThat(distiller.affine()).isNotEqualTo(distiller.base());
        assertThat(distiller.steps()).isEqualTo(1);
    }

    @Test
    void step_reportsLossesThatAreNumbers() {
        StepReport report = distiller.step(images(16, 0, 1), images(8, 0, 2));

        assertThat(report.fresh()).isEqualTo(16);
        assertThat(report.replayed()).isEqualTo(8);
        assertThat(report.foundationLoss()).isPositive();
        assertThat(report.distillationLoss()).isPositive();
        assertThat(report.labelLoss()).isPositive();
        assertThat(report.time().total()).isPositive();
    }

    @Test
    void step_withoutImages_isRefused() {
        assertThatThrownBy(() -> distiller.step(List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one image");
    }

    @Test
    void step_onStoredImagesAlone_leavesTheFoundationModel() {
        distiller.step(images(16, 0, 1), List.of());
        int[] before = distiller.evaluate(images(16, 0, 3), distiller.base()).teacher();

        distiller.step(List.of(), images(16, 0, 2));

        assertThat(distiller.evaluate(images(16, 0, 3), distiller.base()).teacher())
                .isEqualTo(before);
    }

    @Test
    void candidate_isTheDifferenceToTheBase() {
        distiller.step(images(16, 0, 1), List.of());

        AffineParameters sum = distiller.base().plus(distiller.candidate());

        for (int l = 0; l < sum.layers().size(); l++) {
            // One subtraction and one addition in float32.
            assertThat(sum.layers().get(l).scale())
                    .containsExactly(distiller.affine().layers().get(l).scale(), within(1e-5f));
        }
    }

    @Test
    void adopt_makesTheTwinComputeWhatTheEdgeDecodes() {
        distiller.step(images(16, 0, 1), List.of());
        AffineParameters decoded = AffineCodec.decode(AffineCodec.encode(distiller.candidate()), distiller.layers());
        List<Image> probe = images(8, 0, 4);
        float[][] edge = distiller.logits(probe, distiller.base().plus(decoded));

        distiller.adopt(decoded);

        float[][] twin = distiller.logits(probe, distiller.affine());
        for (int i = 0; i < probe.size(); i++) {
            // gamma and beta are rounded to float32 once more.
            assertThat(twin[i]).containsExactly(edge[i], within(1e-3f));
        }
    }

    @Test
    void evaluate_changesNothing() {
        distiller.step(images(16, 0, 1), List.of());
        byte[] before = distiller.checkpoint();

        distiller.evaluate(
                images(20, 1, 5),
                List.of(Adaptation.of(distiller.base()), Adaptation.of(distiller.affine())),
                Optional.empty());

        assertThat(distiller.checkpoint()).isEqualTo(before);
    }

    @Test
    void evaluate_knowsWhatItCounted() {
        Evaluation evaluation = distiller.evaluate(images(20, 0, 5), distiller.base());

        assertThat(evaluation.images()).isEqualTo(20);
        assertThat(Arrays.stream(evaluation.histogram()).sum()).isEqualTo(20);
        assertThat(evaluation.meanEntropy()).isBetween(0.0, Math.log(CLASSES));
        assertThat(evaluation.teacherAgreement()).isBetween(0.0, 1.0);
    }

    @Test
    void restore_makesTheNextStepBitEqual() {
        distiller.step(images(16, 0, 1), List.of());
        byte[] checkpoint = distiller.checkpoint();
        distiller.step(images(16, 0, 2), images(16, 0, 1));
        byte[] next = distiller.checkpoint();

        try (Distiller other = distiller(AdaptationSettings.published())) {
            other.restore(checkpoint);
            other.step(images(16, 0, 2), images(16, 0, 1));

            assertThat(other.checkpoint()).isEqualTo(next);
        }
    }

    @Test
    void restore_truncated_isRefused() {
        byte[] checkpoint = distiller.checkpoint();

        assertThatThrownBy(() -> distiller.restore(Arrays.copyOf(checkpoint, checkpoint.length - 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("truncated");
    }

    @Test
    void reset_isTheRegisteredPair() {
        byte[] fresh = distiller.checkpoint();
        distiller.step(images(16, 0, 1), List.of());

        distiller.reset();

        assertThat(distiller.checkpoint()).isEqualTo(fresh);
    }

    @Test
    void step_offTheNumbers_goesBackToTheLastGoodState() {
        try (Distiller wild = distiller(withLearningRate(1e30))) {
            byte[] good = wild.checkpoint();

            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            wild.step(images(16, 0, i), List.of());
                        }
                    })
                    .isInstanceOf(DistillationException.class)
                    .hasMessageContaining("edge");
            assertThat(wild.checkpoint()).isEqualTo(good);
        }
    }

    @Test
    void step_onAnotherDomain_startsStatisticsAnew() {
        try (Distiller watchful = distiller(AdaptationSettings.defaults().withCalibration(Calibration.published()))) {
            for (int i = 0; i < 3; i++) {
                assertThat(watchful.step(images(32, 0, i), List.of()).shifted()).isFalse();
            }

            assertThat(watchful.step(images(32, 2, 9), List.of()).shifted()).isTrue();
        }
    }

    @Test
    void open_differentClasses_isRefused() {
        assertThatThrownBy(() -> Distiller.open(
                        part("edge", 8, 6, CLASSES),
                        part("foundation", 12, 8, 5),
                        AdaptationSettings.published(),
                        TORCH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 classes")
                .hasMessageContaining("5");
    }

    @Test
    void calibrate_setsStatisticsAndNothingElse() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            assertThat(calibrating.calibrate(images(32, 1, 3))).isTrue();

            assertThat(calibrating.affine()).isNotEqualTo(calibrating.base());
            assertThat(calibrating.calibratedOn()).isEqualTo(32);
            assertThat(calibrating.steps()).isZero();
        }
    }

    @Test
    void calibrate_onFewerImagesThanBefore_keepsTheStatistics() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            calibrating.calibrate(images(80, 1, 3));
            AffineParameters before = calibrating.affine();

            assertThat(calibrating.calibrate(images(32, 1, 4))).isFalse();
            assertThat(calibrating.affine()).isEqualTo(before);
        }
    }

    @Test
    void recognise_sameLook_changesNothing() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            calibrating.recognise(unfiltered(32, 0, 3, 3), Optional.empty(), List::of);

            assertThat(calibrating.recognise(unfiltered(32, 0, 4, 4), Optional.empty(), List::of))
                    .isEqualTo(DomainChange.NONE);
        }
    }

    @Test
    void recognise_anotherLook_beginsAsRegistered() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            learnt(calibrating, 0);

            assertThat(calibrating.recognise(unfiltered(32, 1, 4, 4), Optional.empty(), List::of))
                    .isEqualTo(DomainChange.NEW);
            assertThat(calibrating.affine()).isEqualTo(calibrating.base());
        }
    }

    @Test
    void recognise_aLookLeftEarlier_goesOnWhereItWasLeft() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            AffineParameters left = learnt(calibrating, 0);
            calibrating.recognise(unfiltered(32, 1, 4, 4), Optional.empty(), List::of);

            assertThat(calibrating.recognise(unfiltered(32, 0, 5, 5), Optional.empty(), List::of))
                    .isEqualTo(DomainChange.RECALLED);
            assertThat(calibrating.affine()).isEqualTo(left);
            assertThat(calibrating.visits()).containsExactly(new Visit(0, 4), Visit.since(5));
        }
    }

    /** By how they look four images among twelve are nothing yet. */
    @Test
    void recognise_whatWasPublishedForADomainLeftBehind_bringsItBack() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            AffineParameters left = learnt(calibrating, 0);
            byte[] difference = AdaptationCodec.encode(Adaptation.of(calibrating.candidate()));
            calibrating.published("v1", difference);
            calibrating.recognise(under("v1", 32, 1, 4, 4), Optional.empty(), List::of);
            calibrating.calibrate(images(32, 1, 4));
            assertThat(calibrating.servedBefore())
                    .as("nothing was published for it")
                    .isFalse();
            calibrating.published("v2", new byte[0]);

            DomainChange change = calibrating.recognise(
                    joined(under("v2", 12, 1, 5, 5), under("v1", Distiller.FEWEST_BACK, 0, 6, 6)),
                    Optional.of("v1"),
                    List::of);

            assertThat(change).isEqualTo(DomainChange.RECALLED);
            assertThat(calibrating.affine()).isEqualTo(left);
            assertThat(calibrating.visits()).containsExactly(new Visit(0, 4), Visit.since(6));
            assertThat(calibrating.servedBefore()).isTrue();
            assertThat(calibrating.served())
                    .isEqualTo(AdaptationCodec.decode(difference, calibrating.layers())
                            .plus(calibrating.base()));
            assertThat(calibrating.serves("v1")).isTrue();
            assertThat(calibrating.serves("v2")).isFalse();
            assertThat(calibrating.remembers("v1")).as("that is the present's").isFalse();
            assertThat(calibrating.remembers("v2")).isTrue();
        }
    }

    /** A late device, or one that took the domain for another. */
    @Test
    void recognise_anEarlierVersionBehindThePresentLook_isNoChange() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            learnt(calibrating, 0);
            calibrating.published("v1", new byte[0]);
            calibrating.recognise(under("v1", 32, 1, 4, 4), Optional.empty(), List::of);

            assertThat(calibrating.recognise(under("v1", 32, 1, 5, 5), Optional.of("v1"), List::of))
                    .isEqualTo(DomainChange.NONE);
        }
    }

    @Test
    void recognise_aVersionThatFewDevicesRun_decidesNothing() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            learnt(calibrating, 0);
            calibrating.published("v1", new byte[0]);
            calibrating.recognise(under("v1", 32, 1, 4, 4), Optional.empty(), List::of);
            calibrating.published("v2", new byte[0]);

            assertThat(calibrating.recognise(
                            joined(under("v1", 4, 0, 6, 5), under("v2", 12, 1, 5, 6)), Optional.of("v2"), List::of))
                    .isEqualTo(DomainChange.NONE);
        }
    }

    @Test
    void restore_checkpoint_knowsTheDomainsLeft() {
        byte[] checkpoint;
        AffineParameters left;
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            left = learnt(calibrating, 0);
            calibrating.published("v1", new byte[0]);
            calibrating.recognise(unfiltered(32, 1, 4, 4), Optional.empty(), List::of);
            calibrating.published("v2", AdaptationCodec.encode(Adaptation.of(left.minus(calibrating.base()))));
            checkpoint = calibrating.checkpoint();
        }
        try (Distiller restarted = distiller(AdaptationSettings.defaults())) {
            restarted.restore(checkpoint);

            assertThat(restarted.remembers("v1")).isTrue();
            assertThat(restarted.serves("v2")).isTrue();
            assertThat(restarted.served().first()).isNotEqualTo(restarted.base());
            assertThat(restarted.recognise(unfiltered(32, 0, 5, 5), Optional.empty(), List::of))
                    .isEqualTo(DomainChange.RECALLED);
            assertThat(restarted.affine()).isEqualTo(left);
        }
    }

    @Test
    void calibrate_afterLearning_measuresBehindWhatWasLearnt() {
        try (Distiller calibrating = distiller(AdaptationSettings.defaults())) {
            learnt(calibrating, 0);
            AffineParameters before = calibrating.affine();

            assertThat(calibrating.calibrate(images(32, 0, 1))).isTrue();
            assertThat(calibrating.affine()).isNotEqualTo(before);
        }
    }

    /** Sees, measures and learns a domain. */
    private static AffineParameters learnt(Distiller distiller, int domain) {
        distiller.recognise(unfiltered(32, domain, 1, 1), Optional.empty(), List::of);
        distiller.calibrate(images(32, domain, 1));
        distiller.step(images(32, domain, 2), List.of());
        return distiller.affine();
    }

    private static AdaptationSettings withLearningRate(double rate) {
        AdaptationSettings s = AdaptationSettings.published();
        return new AdaptationSettings(
                s.batch(),
                s.replayFactor(),
                s.replayMinimum(),
                s.replayCapacity(),
                rate,
                s.foundationLearningRate(),
                s.momentum(),
                s.entropyWeight(),
                s.distillationWeight(),
                s.labelWeight(),
                s.entropyMaxFraction(),
                s.statisticsMomentum(),
                s.averageStart(),
                s.statisticsPrior(),
                s.shiftThreshold(),
                s.calibration());
    }

    static Distiller distiller(AdaptationSettings settings) {
        return Distiller.open(part("edge", 8, 6, CLASSES), part("foundation", 12, 8, CLASSES), settings, TORCH);
    }

    /** The two models of the pair differ in input size and preprocessing. */
    static Distiller.Part part(String name, int size, int channels, int classes) {
        OnnxBuilder net = new OnnxBuilder(name, 17, 7);
        String x = net.input("input", size, size);
        x = net.relu(net.batchNorm("bn1", net.conv("conv1", x, 3, channels, 3, 1), channels));
        String y = net.batchNorm("bn2", net.conv("conv2", x, channels, channels, 3, 1), channels);
        x = net.relu(net.add(x, y));
        OnnxModel model = net.output(
                        "logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), channels, classes), classes)
                .build();
        return size == 8
                ? Networks.part(
                        name, model, size, classes, new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25)))
                : Networks.part(name, model, size, classes);
    }

    /** Of all classes in turn, all of one place among the uploads. */
    private static List<Unfiltered> unfiltered(int count, int domain, long seed, long ordinal) {
        return under("", count, domain, seed, ordinal);
    }

    private static List<Unfiltered> under(String version, int count, int domain, long seed, long ordinal) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Unfiltered(images(count, domain, seed).get(i), i % CLASSES, ordinal, version))
                .toList();
    }

    private static List<Unfiltered> joined(List<Unfiltered> older, List<Unfiltered> newer) {
        return Stream.concat(older.stream(), newer.stream()).toList();
    }

    /** @param domain 0: middle grey noise; above: brighter and flatter */
    static List<Image> images(int count, int domain, long seed) {
        Random random = new Random(seed);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[16 * 16 * 3];
            for (int p = 0; p < rgb.length; p++) {
                double value = 100 + 60 * domain + random.nextGaussian() * 40 / (1 + 4 * domain);
                rgb[p] = (byte) Math.max(0, Math.min(255, (int) value));
            }
            images.add(new Image(16, 16, rgb));
        }
        return images;
    }
}
