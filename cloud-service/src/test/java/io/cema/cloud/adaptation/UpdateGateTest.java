package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.adaptation.Verdict.Cause;
import io.cema.cloud.adaptation.torch.Evaluation;
import io.cema.cloud.adaptation.torch.Saturation;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class UpdateGateTest {
    private static final int CLASSES = 10;
    private static final int IMAGES = 50;
    private static final IntUnaryOperator TRUTH = i -> i % CLASSES;

    private final UpdateGate gate = new UpdateGate(GateSettings.defaults());

    @Test
    void publishes_whenAgreementRises() {
        Verdict verdict = gate.judge(
                evaluation(IMAGES, wrongBelow(5), 0.5),
                evaluation(IMAGES, wrongBelow(25), 0.6),
                0,
                Saturation.NONE,
                LiveStanding.EQUAL);

        assertThat(verdict).isInstanceOf(Verdict.Publish.class);
        assertThat(verdict.reason()).contains("90.0 %").contains("50.0 %");
    }

    @Test
    void publishes_whenAgreementRisesClearlyAtTheCostOfCertainty() {
        Verdict verdict = gate.judge(
                evaluation(IMAGES, wrongBelow(5), 1.2),
                evaluation(IMAGES, wrongBelow(40), 0.2),
                0,
                Saturation.NONE,
                LiveStanding.EQUAL);

        assertThat(verdict).isInstanceOf(Verdict.Publish.class);
    }

    @Test
    void refuses_whenAgreementFalls() {
        assertThat(cause(evaluation(IMAGES, wrongBelow(25), 0.5), evaluation(IMAGES, wrongBelow(5), 0.5)))
                .isEqualTo(Cause.AGREEMENT);
    }

    @Test
    void forgivesTheLossOfOneImage_becauseItIsChance() {
        Verdict verdict = gate.judge(
                evaluation(IMAGES, wrongBelow(6), 0.4),
                evaluation(IMAGES, wrongBelow(5), 0.5),
                0,
                Saturation.NONE,
                LiveStanding.EQUAL);

        assertThat(verdict).isInstanceOf(Verdict.Publish.class);
    }

    @Test
    void publishes_whenTwiceAsManyUploadsSpeakForIt_andItIsNotWorse() {
        Evaluation same = evaluation(IMAGES, wrongBelow(5), 0.5);

        assertThat(cause(same, same)).isEqualTo(Cause.NO_GAIN);
        assertThat(gate.judge(same, same, 0, Saturation.NONE, LiveStanding.OUTGROWN))
                .isInstanceOf(Verdict.Publish.class);
        assertThat(gate.judge(evaluation(IMAGES, wrongBelow(25), 0.5), same, 0, Saturation.NONE, LiveStanding.OUTGROWN))
                .isInstanceOf(Verdict.Refuse.class);
    }

    @Test
    void refuses_whenTwinAndTeacherWentAstrayTogether() {
        int[] frozen = predictions(IMAGES, TRUTH);
        int[] astray = predictions(IMAGES, i -> (i + 1) % CLASSES);
        Evaluation candidate = new Evaluation(CLASSES, astray, astray, frozen, entropies(IMAGES, 0.1));
        Evaluation live = new Evaluation(CLASSES, frozen, astray, frozen, entropies(IMAGES, 0.5));

        assertThat(cause(candidate, live)).isEqualTo(Cause.FROZEN_AGREEMENT);
    }

    @Test
    void refuses_whenOneClassSwallowsTheOthers() {
        int[] collapsed = predictions(IMAGES, i -> 3);
        int[] truth = predictions(IMAGES, TRUTH);
        Evaluation candidate = new Evaluation(CLASSES, collapsed, collapsed, truth, entropies(IMAGES, 0.01));
        Evaluation live = new Evaluation(CLASSES, truth, collapsed, truth, entropies(IMAGES, 0.5));

        assertThat(cause(candidate, live)).isEqualTo(Cause.COLLAPSE);
    }

    @Test
    void acceptsOneClass_whenTheStreamShowsOneClass() {
        int[] one = predictions(IMAGES, i -> 3);
        int[] nearly = predictions(IMAGES, i -> i < 4 ? 4 : 3);
        Evaluation candidate = new Evaluation(CLASSES, one, one, nearly, entropies(IMAGES, 0.1));
        Evaluation live = new Evaluation(CLASSES, nearly, one, nearly, entropies(IMAGES, 0.5));

        assertThat(gate.judge(candidate, live, 0, Saturation.NONE, LiveStanding.EQUAL))
                .isInstanceOf(Verdict.Publish.class);
    }

    @Test
    void refuses_whenCertaintyFallsAndAgreementStays() {
        assertThat(cause(evaluation(IMAGES, wrongBelow(5), 0.9), evaluation(IMAGES, wrongBelow(5), 0.5)))
                .isEqualTo(Cause.ENTROPY);
    }

    @Test
    void publishes_lessCertainty_whenTheLiveVersionIsOfAnotherDomain() {
        Verdict verdict = gate.judge(
                evaluation(IMAGES, wrongBelow(7), 1.2),
                evaluation(IMAGES, wrongBelow(5), 0.5),
                0,
                Saturation.NONE,
                LiveStanding.OF_ANOTHER_DOMAIN);

        assertThat(verdict).isInstanceOf(Verdict.Publish.class);
    }

    @Test
    void refuses_whenNothingIsGained() {
        assertThat(cause(evaluation(IMAGES, wrongBelow(5), 0.5), evaluation(IMAGES, wrongBelow(5), 0.5)))
                .isEqualTo(Cause.NO_GAIN);
    }

    @Test
    void refuses_whenActivationsSaturate() {
        Verdict verdict = gate.judge(
                evaluation(IMAGES, wrongBelow(5), 0.5),
                evaluation(IMAGES, wrongBelow(25), 0.5),
                0,
                new Saturation("layer1.relu", 0.2),
                LiveStanding.EQUAL);

        assertThat(((Verdict.Refuse) verdict).cause()).isEqualTo(Cause.SATURATION);
        assertThat(verdict.reason()).isEqualTo("20.00 % of activation layer1.relu saturate, limit 1.00 %");
    }

    @Test
    void refuses_whenAnEntropyIsNotANumber() {
        assertThat(cause(evaluation(IMAGES, wrongBelow(5), Double.NaN), evaluation(IMAGES, wrongBelow(25), 0.5)))
                .isEqualTo(Cause.NOT_FINITE);
    }

    @Test
    void waits_whenTooFewImages() {
        Verdict verdict = gate.judge(
                evaluation(7, wrongBelow(0), 0.1),
                evaluation(7, wrongBelow(7), 0.5),
                0,
                Saturation.NONE,
                LiveStanding.EQUAL);

        assertThat(verdict).isInstanceOf(Verdict.Wait.class);
        assertThat(verdict.reason()).contains("7").contains("8");
    }

    private Cause cause(Evaluation candidate, Evaluation live) {
        return ((Verdict.Refuse) gate.judge(candidate, live, 0, Saturation.NONE, LiveStanding.EQUAL)).cause();
    }

    private static IntUnaryOperator wrongBelow(int count) {
        return i -> i < count ? (TRUTH.applyAsInt(i) + 5) % CLASSES : TRUTH.applyAsInt(i);
    }

    private static Evaluation evaluation(int images, IntUnaryOperator predicted, double entropy) {
        int[] truth = predictions(images, TRUTH);
        return new Evaluation(CLASSES, predictions(images, predicted), truth, truth, entropies(images, entropy));
    }

    private static int[] predictions(int images, IntUnaryOperator predicted) {
        int[] predictions = new int[images];
        Arrays.setAll(predictions, predicted);
        return predictions;
    }

    private static double[] entropies(int images, double entropy) {
        double[] entropies = new double[images];
        Arrays.fill(entropies, entropy);
        return entropies;
    }
}
