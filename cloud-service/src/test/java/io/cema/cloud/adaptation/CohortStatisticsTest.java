package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormStatistics;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.Renormalisation;
import io.cema.protocol.onnx.StatisticsCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What comes of reports before any canary sees it. */
class CohortStatisticsTest {
    private static final int CLASSES = 4;
    private static final double SHARE = 0.25;
    private static final OnnxModel MODEL = model();

    private final Renormalisation renormalisation = new Renormalisation(MODEL);
    private final NormStatistics source = renormalisation.source();

    @Test
    void of_severalReports_areWeighedByTheirFrames() {
        CohortStatistics pooled =
                of(report(2, "b", 192, 0.2), report(1, "a", 64, 0)).orElseThrow();

        assertThat(pooled.frames()).isEqualTo(256);
        assertThat(pooled.devices()).isEqualTo(2);
        assertThat(off(pooled)).isCloseTo(0.15, within(0.001));
    }

    @Test
    void of_deviceThatClaimsMillionsOfFrames_weighsNoMoreThanFourReports() {
        CohortStatistics pooled = of(report(2, "liar", Integer.MAX_VALUE, 0.2), report(1, "a", 256, 0))
                .orElseThrow();

        assertThat(off(pooled)).isCloseTo(0.1, within(0.001));
    }

    @Test
    void of_deviceWhoseViewChanged_countsFromThen() {
        CohortStatistics pooled = of(
                        report(4, "a", 64, 2), report(3, "a", 64, 2), report(2, "a", 64, 0), report(1, "a", 64, 2))
                .orElseThrow();

        assertThat(pooled.reports()).isEqualTo(2);
        assertThat(off(pooled)).isCloseTo(2, within(0.01));
    }

    @Test
    void of_manyDevices_noneHasMoreThanItsShare() {
        List<StoredReport> reports = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reports.add(report(20 - i, "flood", 64, 0.1));
        }
        for (int i = 0; i < 4; i++) {
            reports.add(report(10 - i, "d" + i, 64, 0));
        }

        CohortStatistics pooled =
                CohortStatistics.of(reports, source, CLASSES, SHARE).orElseThrow();

        assertThat(off(pooled)).isBetween(0.1 * SHARE, 0.1 * SHARE * 1.4);
    }

    @Test
    void of_deviceUnlikeTheOthers_isLeftOut() {
        CohortStatistics pooled = of(
                        report(5, "liar", 64, 40),
                        report(4, "d", 64, 0.02),
                        report(3, "c", 64, -0.01),
                        report(2, "b", 64, 0.01),
                        report(1, "a", 64, 0))
                .orElseThrow();

        assertThat(pooled.leftOut()).isOne();
        assertThat(pooled.devices()).isEqualTo(4);
        assertThat(off(pooled)).isLessThan(0.05);
    }

    @Test
    void of_reportThatCannotBeRead_isLeftOutAndTheOthersCount() {
        StoredReport good = report(1, "a", 64, 0);
        StoredReport broken =
                new StoredReport(2, "b", 64, 0.5f, new byte[] {1, 2}, 1, 1, new int[CLASSES], 1, 1, new int[CLASSES]);
        StoredReport otherClasses =
                new StoredReport(3, "c", 64, 0.5f, good.statistics(), 1, 1, new int[7], 1, 1, new int[7]);

        assertThat(of(otherClasses, broken, good).orElseThrow().devices()).isOne();
        assertThat(of(broken)).isEmpty();
    }

    @Test
    void judge_fogBehindHalfThePrior_goesToTheCanaries() {
        assertThat(judge(of(report(1, "a", 128, 1.5)).orElseThrow()))
                .isInstanceOfSatisfying(Verdict.Publish.class, publish -> assertThat(publish.reason())
                        .contains("no image was looked at", "128 frames from 1 devices"));
    }

    @Test
    void judge_theSourcesOwnStatistics_areNotWorthATrial() {
        assertThat(cause(report(1, "a", 128, 0))).isEqualTo(Verdict.Cause.NO_GAIN);
    }

    @Test
    void judge_fewFrames_waitForMore() {
        assertThat(judge(of(report(1, "a", 127, 1.5)).orElseThrow())).isInstanceOf(Verdict.Wait.class);
    }

    @Test
    void judge_framesOfOneClass_areRefused() {
        StoredReport fog = report(1, "a", 128, 1.5);
        StoredReport oneClass = new StoredReport(
                1, "a", 128, 0.5f, fog.statistics(), 1, 0.2f, new int[] {128, 0, 0, 0}, 1, 0.2f, new int[] {125, 3, 0, 0
                });

        assertThat(cause(oneClass)).isEqualTo(Verdict.Cause.FEW_CLASSES);
    }

    @Test
    void judge_numbersThatNoDomainGives_areRefused() {
        assertThat(cause(report(1, "a", 128, 1000))).isEqualTo(Verdict.Cause.FAR_FROM_SOURCE);
    }

    @Test
    void judge_outputsBeyondWhatWasCalibratedFor_areRefused() {
        assertThat(cause(report(1, "a", 128, 8, 0.02))).isEqualTo(Verdict.Cause.SATURATION);
    }

    @Test
    void judge_answersThatTellLess_areRefused() {
        StoredReport fog = report(1, "a", 128, 1.5);
        StoredReport worse = new StoredReport(
                1, "a", 128, 0.5f, fog.statistics(), 0.2f, 1.1f, fog.classes(), 0.6f, 0.7f, fog.renormalisedClasses());

        assertThat(cause(worse)).isEqualTo(Verdict.Cause.LESS_INFORMATION);
    }

    private Verdict.Cause cause(StoredReport report) {
        return ((Verdict.Refuse) judge(of(report).orElseThrow())).cause();
    }

    private Verdict judge(CohortStatistics cohort) {
        AffineParameters candidate = renormalisation.affine(cohort.statistics(), cohort.prior());
        return StatisticsGate.judge(cohort, candidate, MODEL.affine(), source);
    }

    private Optional<CohortStatistics> of(StoredReport... newestFirst) {
        return CohortStatistics.of(List.of(newestFirst), source, CLASSES, SHARE);
    }

    /** Mean over the channels of how far the means lie from the source's, in its deviations. */
    private double off(CohortStatistics cohort) {
        NormStatistics.Layer have = cohort.statistics().layers().get(0);
        NormStatistics.Layer from = source.layers().get(0);
        double sum = 0;
        for (int c = 0; c < from.channels(); c++) {
            sum += (have.mean()[c] - from.mean()[c]) / Math.sqrt(from.variance()[c]);
        }
        return sum / from.channels();
    }

    private StoredReport report(long ordinal, String device, int frames, double off) {
        return report(ordinal, device, frames, off, 1);
    }

    /** Of frames whose means lie so many deviations off, and whose variance is so many times the source's. */
    private StoredReport report(long ordinal, String device, int frames, double off, double times) {
        NormStatistics statistics = new NormStatistics(source.layers().stream()
                .map(layer -> {
                    float[] mean = layer.mean().clone();
                    float[] variance = layer.variance().clone();
                    for (int c = 0; c < mean.length; c++) {
                        mean[c] += (float) (off * Math.sqrt(variance[c]));
                        variance[c] *= (float) times;
                    }
                    return new NormStatistics.Layer(layer.name(), mean, variance);
                })
                .toList());
        int[] classes = {frames / 4, frames / 4, frames / 4, frames - 3 * (frames / 4)};
        return new StoredReport(
                ordinal,
                device,
                frames,
                0.5f,
                StatisticsCodec.encode(statistics, source),
                0.6f,
                0.7f,
                classes,
                0.3f,
                1,
                classes);
    }

    private static OnnxModel model() {
        OnnxBuilder b = new OnnxBuilder("net", 17, 5);
        String x = b.relu(b.batchNorm("bn1", b.conv("conv1", b.input("input", 8, 8), 3, 8, 3, 1), 8));
        return b.output("logits", b.linear("fc", b.flatten(b.globalAveragePool(x)), 8, CLASSES), CLASSES)
                .build();
    }
}
