package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images of several domains at once, on the networks of {@link DistillerTest}. */
class DistillerMixtureTest {
    private static final int EACH = 32;

    private final List<Image> noisy = DistillerTest.images(EACH, 0, 1);
    private final List<Image> flat = DistillerTest.images(EACH, 1, 2);
    private final Distiller distiller = DistillerTest.distiller(AdaptationSettings.defaults());
    private long ordinal;

    @AfterEach
    void close() {
        distiller.close();
    }

    @Test
    void mixture_ofTwoLooks_hasAnExpertForEach() {
        Mixture mixture = distiller.surroundings(shuffled()).mixture().orElseThrow();

        List<Expert> experts = mixture.adaptation().experts();
        assertThat(experts).hasSize(2);
        assertThat(experts.get(0).affine()).isNotEqualTo(experts.get(1).affine());
        assertThat(mixture.domains()).hasSize(2);
        assertThat(mixture.domains().get(0).teacher().toBytes())
                .isNotEqualTo(mixture.domains().get(1).teacher().toBytes());
        mixture.adaptation().requireMatches(distiller.layers());
        mixture.adaptation().requireFinite();
    }

    @Test
    void mixture_expert_isMeasuredOnItsImagesAlone() {
        Adaptation mixture = distiller
                .surroundings(join(noisy, flat))
                .mixture()
                .orElseThrow()
                .adaptation();

        Adaptation beside = distiller
                .surroundings(join(noisy, DistillerTest.images(EACH, 2, 3)))
                .mixture()
                .orElseThrow()
                .adaptation();

        // What it stood beside makes no difference.
        assertThat(expertFor(noisy, beside)).isEqualTo(expertFor(noisy, mixture));
    }

    @Test
    void mixture_ofOneLook_isEmpty() {
        assertThat(distiller.surroundings(DistillerTest.images(2 * EACH, 0, 1)).mixture())
                .isEmpty();
    }

    @Test
    void mixture_ofTooFewImages_isEmpty() {
        assertThat(distiller
                        .surroundings(join(noisy.subList(0, 16), flat.subList(0, 15)))
                        .mixture())
                .isEmpty();
    }

    @Test
    void mixture_byAPolicyOfOneExpert_isEmpty() {
        Calibration c = Calibration.defaults();
        Calibration one = new Calibration(
                c.images(),
                c.minimumImages(),
                c.prior(),
                c.cautiousPrior(),
                c.ownShare(),
                c.domainDistance(),
                c.recallDistance(),
                c.remembered(),
                1);
        try (Distiller single =
                DistillerTest.distiller(AdaptationSettings.defaults().withCalibration(one))) {
            assertThat(single.surroundings(shuffled()).mixture()).isEmpty();
        }
    }

    @Test
    void mixture_withoutCalibration_isEmpty() {
        try (Distiller published = DistillerTest.distiller(AdaptationSettings.published())) {
            assertThat(published.surroundings(shuffled()).mixture()).isEmpty();
        }
    }

    @Test
    void mixture_changesNothing() {
        distiller.calibrate(noisy);
        distiller.step(noisy, List.of());
        byte[] checkpoint = distiller.checkpoint();
        AffineParameters affine = distiller.affine();
        double prior = distiller.prior();

        assertThat(distiller.surroundings(shuffled()).mixture()).isPresent();

        assertThat(distiller.checkpoint()).isEqualTo(checkpoint);
        assertThat(distiller.affine()).isEqualTo(affine);
        assertThat(distiller.prior()).isEqualTo(prior);
    }

    @Test
    void mixture_afterLearning_standsOnWhatWasLearnt() {
        Adaptation before =
                distiller.surroundings(shuffled()).mixture().orElseThrow().adaptation();
        distiller.calibrate(shuffled());
        distiller.step(shuffled(), List.of());

        assertThat(distiller.surroundings(shuffled()).mixture().orElseThrow().adaptation())
                .isNotEqualTo(before);
    }

    @Test
    void mixture_ofTheSameImages_isTheSameEveryTime() {
        assertThat(distiller.surroundings(shuffled()).mixture().orElseThrow().adaptation())
                .isEqualTo(distiller
                        .surroundings(shuffled())
                        .mixture()
                        .orElseThrow()
                        .adaptation());
    }

    @Test
    void recognise_moreOfOnePartByChance_isTheSameMixture() {
        List<Image> present = shuffled(noisy.subList(0, 16), flat.subList(0, 16));
        recognise(present);

        assertThat(recognise(shuffled(noisy.subList(16, 20), flat.subList(16, 32)), present))
                .isEqualTo(DomainChange.NONE);
    }

    @Test
    void recognise_onePartAlone_isAChange() {
        List<Image> present = shuffled(noisy.subList(0, 16), flat.subList(0, 16));
        recognise(present);

        assertThat(recognise(flat.subList(12, 32), present)).isEqualTo(DomainChange.NEW);
    }

    @Test
    void recognise_someOfAnotherDomain_isAChange() {
        recognise(noisy);

        assertThat(recognise(join(DistillerTest.images(8, 0, 5), flat.subList(0, 20)), noisy))
                .isEqualTo(DomainChange.NEW);
    }

    private void recognise(List<Image> images) {
        recognise(images, List.of());
    }

    private DomainChange recognise(List<Image> images, List<Image> present) {
        return distiller.recognise(
                IntStream.range(0, images.size())
                        .mapToObj(i -> new Unfiltered(images.get(i), i % distiller.classes(), ordinal++, ""))
                        .toList(),
                Optional.empty(),
                () -> present);
    }

    @Test
    void evaluate_mixture_isEachGroupUnderItsOwnExpert() {
        Mixture mixture = distiller.surroundings(shuffled()).mixture().orElseThrow();
        List<Image> all = join(noisy, flat);
        byte[] before = distiller.checkpoint();

        Evaluation together = distiller
                .evaluate(all, List.of(mixture.adaptation()), Optional.of(mixture))
                .get(0);

        assertThat(distiller.checkpoint()).isEqualTo(before);
        int from = 0;
        double entropy = 0;
        for (List<Image> own : List.of(noisy, flat)) {
            Evaluation alone = distiller.evaluate(own, expertFor(own, mixture.adaptation()));
            Evaluation ofTeachers = distiller
                    .evaluate(own, List.of(mixture.adaptation()), Optional.of(mixture))
                    .get(0);
            assertThat(Arrays.copyOfRange(together.predictions(), from, from + EACH))
                    .isEqualTo(alone.predictions());
            assertThat(Arrays.copyOfRange(together.teacher(), from, from + EACH))
                    .isEqualTo(ofTeachers.teacher());
            from += EACH;
            entropy += alone.meanEntropy() / 2;
        }
        assertThat(together.meanEntropy()).isCloseTo(entropy, within(1e-6));
    }

    @Test
    void evaluate_mixtureWithoutItsTeachers_asksTheOneThereIs() {
        distiller.calibrate(shuffled());
        Mixture mixture = distiller.surroundings(shuffled()).mixture().orElseThrow();

        List<Evaluation> evaluations = distiller.evaluate(
                shuffled(), List.of(mixture.adaptation(), Adaptation.of(distiller.base())), Optional.empty());

        assertThat(evaluations.get(0).teacher())
                .isEqualTo(distiller.evaluate(shuffled(), distiller.base()).teacher());
        assertThat(evaluations.get(1).predictions())
                .isEqualTo(distiller.evaluate(shuffled(), distiller.base()).predictions());
    }

    @Test
    void step_inAMixture_takesEachImageBehindItsOwnDomain() {
        distiller.calibrate(shuffled());
        Optional<Mixture> mixture = distiller.surroundings(shuffled()).mixture();
        byte[] before = distiller.checkpoint();

        StepReport together = distiller.step(shuffled(), List.of(), mixture);
        distiller.restore(before);
        StepReport ofNoisy = distiller.step(noisy, List.of(), mixture);
        distiller.restore(before);
        StepReport ofFlat = distiller.step(List.of(), flat, mixture);
        distiller.restore(before);
        StepReport asOneDomain = distiller.step(shuffled(), List.of());

        // A value hangs on an image's own domain alone, not on what else is in the batch.
        assertThat(together.labelLoss()).isCloseTo((ofNoisy.labelLoss() + ofFlat.labelLoss()) / 2, within(1e-5));
        assertThat(together.entropyLoss()).isCloseTo((ofNoisy.entropyLoss() + ofFlat.entropyLoss()) / 2, within(1e-5));
        assertThat(asOneDomain.labelLoss()).isNotCloseTo(together.labelLoss(), within(1e-3));
    }

    @Test
    void step_inAMixture_asksTheTeacherBehindEachDomainAndKeepsTheOrder() {
        distiller.calibrate(shuffled());
        Mixture mixture = distiller.surroundings(shuffled()).mixture().orElseThrow();
        List<Integer> expected = IntStream.of(distiller
                        .evaluate(shuffled(), List.of(mixture.adaptation()), Optional.of(mixture))
                        .get(0)
                        .teacher())
                .boxed()
                .toList();

        assertThat(distiller.step(shuffled(), List.of(), Optional.of(mixture)).teacher())
                .isEqualTo(expected);
    }

    @Test
    void learnBehind_hasTheOtherStatisticsAndLeavesItsOwn() {
        Distiller.Part part = DistillerTest.part("edge", 8, 6, DistillerTest.CLASSES);
        try (Learner learner = Learner.load(part, 1e-3, AdaptationSettings.defaults(), TorchSettings.cpu(1));
                PointerScope scope = new PointerScope()) {
            NormState ofFlat = learner.calibrated(flat, 0, TorchModel::snapshot);
            learner.calibrate(noisy);
            byte[] before = learner.model().snapshot().toBytes();
            Tensor input = learner.input(flat.subList(0, 3));

            Tensor logits = learner.learnBehind(input, ofFlat);

            assertThat(TensorData.floats(logits))
                    .containsExactly(
                            TensorData.floats(learner.in(ofFlat, () -> learner.logits(input, NormMode.TARGET))),
                            within(1e-4f));
            assertThat(logits.requires_grad()).isTrue();
            assertThat(learner.model().snapshot().toBytes()).isEqualTo(before);
        }
    }

    @Test
    void step_withASingleImageOfADomain_learnsFromIt() {
        distiller.calibrate(shuffled());
        Optional<Mixture> mixture = distiller.surroundings(shuffled()).mixture();

        StepReport report = distiller.step(join(noisy, flat.subList(0, 1)), List.of(), mixture);

        assertThat(report.fresh()).isEqualTo(EACH + 1);
        assertThat(report.labelLoss()).isFinite();
        distiller.affine().requireFinite();
    }

    /** The affine under which these images, of one look, are served: all of them by the same. */
    private AffineParameters expertFor(List<Image> images, Adaptation adaptation) {
        ModelManifest edge =
                DistillerTest.part("edge", 8, 6, DistillerTest.CLASSES).manifest();
        List<Integer> chosen = images.stream()
                .map(image -> adaptation.choose(Looks.of(edge, image)))
                .distinct()
                .toList();
        assertThat(chosen).hasSize(1);
        return adaptation.experts().get(chosen.get(0)).affine();
    }

    private List<Image> shuffled() {
        return shuffled(noisy, flat);
    }

    private static List<Image> shuffled(List<Image> some, List<Image> others) {
        List<Image> all = join(some, others);
        Collections.shuffle(all, new Random(4));
        return all;
    }

    private static List<Image> join(List<Image> some, List<Image> others) {
        List<Image> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
