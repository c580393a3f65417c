package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.Verdict.Cause;
import io.cema.cloud.adaptation.torch.Evaluation;
import io.cema.cloud.adaptation.torch.Saturation;
import java.util.Locale;

/**
 * Decides whether a candidate replaces the live version. Pure: same numbers, same verdict; any thread.
 *
 * <p>Candidate and live version are judged on the same recent images, none of which the candidate was trained on. The
 * allowed loss is the margin plus one standard error of the paired difference, sqrt(changed) / n: with few images a
 * change of one or two is chance. With fewer than the minimum it waits; it never publishes unjudged.
 *
 * <p>The uploads were chosen by the live version as ones it is sure of. While it still is one of the domain before, its
 * certainty on them says nothing and its agreement is flattered: certainty is left out then, and the margin of agreement
 * is the wider one.
 *
 * <p>A candidate must show a gain to replace a version of its own domain. Some tens of images do not show every gain,
 * though: one that rests on at least twice as many uploads is the better bet and need only not be worse. That happens a
 * few times in a domain's life.
 */
public final class UpdateGate {
    private static final double ENTROPY_GAIN = 0.01;

    private final GateSettings settings;

    public UpdateGate(GateSettings settings) {
        this.settings = settings;
    }

    /** The verdict on too few images, before any is evaluated; empty if there are enough. */
    public java.util.Optional<Verdict.Wait> tooFew(int images) {
        return images >= settings.minimumImages()
                ? java.util.Optional.empty()
                : java.util.Optional.of(new Verdict.Wait("only " + images + " untrained recent images, needs "
                        + settings.minimumImages() + "; waiting for more uploads"));
    }

    /**
     * @param candidate evaluation of the decoded candidate
     * @param live evaluation of the live version on the same images, in the same order
     * @param randomImages how many of them were drawn at random
     * @param saturated the activation that saturates most under the candidate
     */
    public Verdict judge(
            Evaluation candidate, Evaluation live, int randomImages, Saturation saturated, LiveStanding standing) {
        int n = candidate.images();
        if (live.images() != n) {
            throw new IllegalArgumentException(
                    "candidate was evaluated on " + n + " images, the live version on " + live.images());
        }
        var few = tooFew(n);
        if (few.isPresent()) {
            return few.get();
        }
        GateMetrics m = metrics(candidate, live, randomImages, saturated.share());
        double chance = Math.sqrt(m.changed()) / n;
        if (!finite(m)) {
            return refuse(
                    Cause.NOT_FINITE,
                    m,
                    "an entropy is not finite: candidate %.3f, live %.3f nats",
                    m.candidateEntropy(),
                    m.liveEntropy());
        }
        if (m.saturated() > settings.saturationLimit()) {
            return refuse(
                    Cause.SATURATION,
                    m,
                    "%.2f %% of activation %s saturate, limit %.2f %%",
                    100 * m.saturated(),
                    saturated.activation(),
                    100 * settings.saturationLimit());
        }
        double usual = Math.max(m.frozenTopShare(), m.liveTopShare());
        if (m.candidateTopShare() > usual + settings.collapseMargin()) {
            return refuse(
                    Cause.COLLAPSE,
                    m,
                    "one class takes %.0f %% of the predictions, usual %.0f %%",
                    100 * m.candidateTopShare(),
                    100 * usual);
        }
        double teacherLoss = m.liveAgreement() - m.candidateAgreement();
        double margin =
                standing == LiveStanding.OF_ANOTHER_DOMAIN ? settings.frozenMargin() : settings.agreementMargin();
        if (teacherLoss > margin + chance) {
            return refuse(
                    Cause.AGREEMENT,
                    m,
                    "agreement with the teacher falls from %.1f %% to %.1f %%",
                    100 * m.liveAgreement(),
                    100 * m.candidateAgreement());
        }
        double frozenLoss = m.liveFrozenAgreement() - m.candidateFrozenAgreement();
        if (frozenLoss > settings.frozenMargin() + chance) {
            return refuse(
                    Cause.FROZEN_AGREEMENT,
                    m,
                    "agreement with the frozen source teacher falls from %.1f %% to %.1f %%",
                    100 * m.liveFrozenAgreement(),
                    100 * m.candidateFrozenAgreement());
        }
        return standing == LiveStanding.OF_ANOTHER_DOMAIN
                ? publish(m)
                : onGain(m, teacherLoss, chance, standing == LiveStanding.OUTGROWN);
    }

    private Verdict onGain(GateMetrics m, double teacherLoss, double chance, boolean outgrown) {
        boolean clearlyMoreAgreement = -teacherLoss > chance;
        if (!clearlyMoreAgreement && m.candidateEntropy() > m.liveEntropy() + settings.entropyMargin()) {
            return refuse(
                    Cause.ENTROPY,
                    m,
                    "mean entropy rises from %.3f to %.3f nats",
                    m.liveEntropy(),
                    m.candidateEntropy());
        }
        if (!outgrown && teacherLoss >= 0 && m.candidateEntropy() > m.liveEntropy() - ENTROPY_GAIN) {
            return refuse(
                    Cause.NO_GAIN,
                    m,
                    "agreement %.1f %% (live %.1f %%), entropy %.3f (live %.3f): nothing gained",
                    100 * m.candidateAgreement(),
                    100 * m.liveAgreement(),
                    m.candidateEntropy(),
                    m.liveEntropy());
        }
        return publish(m);
    }

    private static Verdict publish(GateMetrics m) {
        return new Verdict.Publish(
                format(
                        "agreement with the teacher %.1f %% (live %.1f %%), entropy %.3f (live %.3f) on %d images",
                        100 * m.candidateAgreement(),
                        100 * m.liveAgreement(),
                        m.candidateEntropy(),
                        m.liveEntropy(),
                        m.images()),
                m);
    }

    private static GateMetrics metrics(Evaluation candidate, Evaluation live, int randomImages, double saturated) {
        int changed = 0;
        for (int i = 0; i < candidate.images(); i++) {
            if (candidate.predictions()[i] != live.predictions()[i]) {
                changed++;
            }
        }
        return new GateMetrics(
                candidate.images(),
                randomImages,
                changed,
                candidate.teacherAgreement(),
                live.teacherAgreement(),
                candidate.frozenAgreement(),
                live.frozenAgreement(),
                candidate.meanEntropy(),
                live.meanEntropy(),
                candidate.topShare(),
                live.topShare(),
                candidate.teacherTopShare(),
                candidate.frozenTopShare(),
                saturated);
    }

    private static boolean finite(GateMetrics m) {
        return Double.isFinite(m.candidateEntropy()) && Double.isFinite(m.saturated());
    }

    private static Verdict refuse(Cause cause, GateMetrics metrics, String format, Object... args) {
        return new Verdict.Refuse(cause, format(format, args), metrics);
    }

    private static String format(String format, Object... args) {
        return String.format(Locale.ROOT, format, args);
    }
}
