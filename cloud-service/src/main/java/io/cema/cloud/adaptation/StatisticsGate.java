package io.cema.cloud.adaptation;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormStatistics;
import java.util.Arrays;
import java.util.Locale;

/**
 * Whether statistics alone may make a candidate for the canaries. It knows no image and no teacher, so it can only say what
 * is certainly wrong: too few frames, few classes, numbers no domain gives, activations beyond what they were calibrated
 * for, answers that tell less than those now given. That a candidate is better, canaries have to show. Pure.
 */
final class StatisticsGate {
    static final int FEWEST_FRAMES = 128;
    /** Entropy of the classes, as a share of ln C, below which images are of few classes and their statistics theirs. */
    private static final double FEW_CLASSES = 0.65;
    /** Nats of information between frame and answer that may be lost. */
    private static final double INFORMATION_MARGIN = 0.05;
    /** Standard deviations of the source, and the logarithm of a quotient of deviations, beyond which no weather goes. */
    private static final double MOST_DEVIATIONS = 10;

    private static final double MOST_LOG_QUOTIENT = 4;
    /** Of the output's own deviations, where three are usual. */
    private static final double MOST_REACH = 6;
    /** Share of the channels that may go beyond: some are as good as dead. */
    private static final double MOST_CHANNELS = 0.1;
    /**
     * Mean squared change of the outputs, in their deviations, that is worth its bytes and a trial. On ResNet-20 it is 0.0003
     * between reports of one domain, 0.003 from the registered model in clear weather, 0.006 and more in a corrupted one.
     */
    static final double WORTH_IT = 0.004;

    private StatisticsGate() {}

    /**
     * @param candidate absolute affine behind the statistics
     * @param live absolute, in use
     * @param source the registered model's statistics
     */
    static Verdict judge(
            CohortStatistics cohort, AffineParameters candidate, AffineParameters live, NormStatistics source) {
        if (cohort.frames() < FEWEST_FRAMES) {
            return new Verdict.Wait(cohort.frames() + " frames, at least " + FEWEST_FRAMES + " are needed");
        }
        GateMetrics metrics = metrics(cohort);
        double classes = entropy(cohort.renormalisedClasses());
        double most = Math.log(cohort.renormalisedClasses().length);
        if (classes < FEW_CLASSES * most) {
            return refuse(
                    Verdict.Cause.FEW_CLASSES,
                    metrics,
                    "frames of few classes: their entropy is %.2f, at least %.2f is needed",
                    classes,
                    FEW_CLASSES * most);
        }
        double far = far(cohort.statistics(), source);
        if (far > MOST_CHANNELS) {
            return refuse(
                    Verdict.Cause.FAR_FROM_SOURCE,
                    metrics,
                    "%.0f %% of the channels have statistics that no domain gives",
                    100 * far);
        }
        double beyond = beyondReach(cohort, source);
        if (beyond > MOST_CHANNELS) {
            return refuse(
                    Verdict.Cause.SATURATION,
                    metrics,
                    "%.0f %% of the channels would reach twice as far as their activations were calibrated for",
                    100 * beyond);
        }
        double change = change(cohort.statistics(), candidate, live, source);
        if (change < WORTH_IT) {
            return refuse(
                    Verdict.Cause.NO_GAIN,
                    metrics,
                    "outputs change by %.4f, at least %.4f is worth a trial",
                    change,
                    WORTH_IT);
        }
        if (cohort.renormalisedInformation() < cohort.servedInformation() - INFORMATION_MARGIN) {
            return refuse(
                    Verdict.Cause.LESS_INFORMATION,
                    metrics,
                    "answers would tell %.2f nats of the frames, now %.2f",
                    cohort.renormalisedInformation(),
                    cohort.servedInformation());
        }
        return new Verdict.Publish(
                String.format(
                        Locale.ROOT,
                        "statistics alone, no image was looked at: %d reports of %d frames from %d devices (%d left"
                                + " out), %.2f of the source's; entropy %.2f (now %.2f), information %.2f (%.2f)",
                        cohort.reports(),
                        cohort.frames(),
                        cohort.devices(),
                        cohort.leftOut(),
                        cohort.prior(),
                        cohort.renormalisedEntropy(),
                        cohort.servedEntropy(),
                        cohort.renormalisedInformation(),
                        cohort.servedInformation()),
                metrics);
    }

    private static double far(NormStatistics statistics, NormStatistics source) {
        int far = 0;
        for (int l = 0; l < source.layers().size(); l++) {
            NormStatistics.Layer have = statistics.layers().get(l);
            NormStatistics.Layer from = source.layers().get(l);
            for (int c = 0; c < from.channels(); c++) {
                double variance = from.variance()[c] + 1e-6;
                double off = Math.abs(have.mean()[c] - from.mean()[c]) / Math.sqrt(variance);
                double quotient = Math.abs(0.5 * Math.log((have.variance()[c] + 1e-6) / variance));
                far += off > MOST_DEVIATIONS || quotient > MOST_LOG_QUOTIENT ? 1 : 0;
            }
        }
        return (double) far / source.channels();
    }

    /** Share of the channels whose outputs would reach (mean and three deviations) further than twice the source's three. */
    private static double beyondReach(CohortStatistics cohort, NormStatistics source) {
        NormStatistics blended = cohort.statistics().blended(source, cohort.prior());
        int beyond = 0;
        for (int l = 0; l < source.layers().size(); l++) {
            NormStatistics.Layer have = cohort.statistics().layers().get(l);
            NormStatistics.Layer by = blended.layers().get(l);
            for (int c = 0; c < by.channels(); c++) {
                double off = Math.abs(have.mean()[c] - by.mean()[c]);
                double reach = (off + 3 * Math.sqrt(have.variance()[c])) / Math.sqrt(by.variance()[c] + 1e-6);
                beyond += reach > MOST_REACH ? 1 : 0;
            }
        }
        return (double) beyond / source.channels();
    }

    /** Mean over the channels of the squared change of an output's mean and deviation, in its deviations; each up to 1. */
    static double change(
            NormStatistics statistics, AffineParameters candidate, AffineParameters live, NormStatistics source) {
        double sum = 0;
        int layer = 0;
        for (NormStatistics.Layer have : statistics.layers()) {
            while (!candidate.layers().get(layer).name().equals(have.name())) {
                layer++;
            }
            AffineParameters.Layer next = candidate.layers().get(layer);
            AffineParameters.Layer now = live.layers().get(layer);
            for (int c = 0; c < have.channels(); c++) {
                double deviation = Math.abs(next.scale()[c]) * Math.sqrt(have.variance()[c]) + 1e-6;
                double moved = ((next.scale()[c] - now.scale()[c]) * have.mean()[c] + next.shift()[c] - now.shift()[c])
                        / deviation;
                double widened = 1 - Math.abs(now.scale()[c]) / (Math.abs(next.scale()[c]) + 1e-9);
                sum += Math.min(1, moved * moved) + Math.min(1, widened * widened);
            }
        }
        return sum / source.channels();
    }

    /** Judged on no image, and compared with no teacher: those numbers are 0. */
    private static GateMetrics metrics(CohortStatistics cohort) {
        return new GateMetrics(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                cohort.renormalisedEntropy(),
                cohort.servedEntropy(),
                top(cohort.renormalisedClasses()),
                top(cohort.servedClasses()),
                0,
                0,
                0);
    }

    private static double top(long[] classes) {
        return (double) Arrays.stream(classes).max().orElse(0)
                / Math.max(1, Arrays.stream(classes).sum());
    }

    private static double entropy(long[] classes) {
        double total = Math.max(1, Arrays.stream(classes).sum());
        return Arrays.stream(classes)
                .filter(count -> count > 0)
                .mapToDouble(count -> -count / total * Math.log(count / total))
                .sum();
    }

    private static Verdict refuse(Verdict.Cause cause, GateMetrics metrics, String format, Object... args) {
        return new Verdict.Refuse(cause, String.format(Locale.ROOT, format, args), metrics);
    }
}
