package io.cema.cloud.adaptation;

import io.cema.cloud.model.LoadedModel;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.Renormalisation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Adaptation of a cohort that sends statistics in place of images: the edge model's batch normalisations behind the
 * cohort's statistics, scales and shifts as trained. One thread, the loop's.
 */
final class StatisticsLearning {
    private static final Logger LOG = Logger.getLogger(StatisticsLearning.class);
    private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(5).toNanos();
    /** Between two refusals; doubled with each. */
    private static final Duration FIRST_WAIT = Duration.ofMinutes(1);

    private static final int MOST_DOUBLINGS = 6;

    private final LoopKey key;
    private final LoadedModel model;
    private final Renormalisation renormalisation;
    private long nextLook;
    private long newestJudged;
    private int refusals;

    StatisticsLearning(LoopKey key, LoadedModel model) {
        this.key = key;
        this.model = model;
        this.renormalisation = new Renormalisation(OnnxModel.parse(model.onnx()));
    }

    /**
     * What came of the newest reports.
     *
     * @param difference to the base, as decoded from the link's bytes
     */
    record Judged(Verdict verdict, AffineParameters difference) {}

    /**
     * @param base the registered model's own affine, absolute
     * @param live likewise; of several experts the first, that of the most images
     * @param nanoTime the cadence's clock
     * @return empty if there is nothing new, or too little
     */
    Optional<Judged> look(
            LoopStore store, GuardSettings guard, AffineParameters base, AffineParameters live, long nanoTime) {
        if (nextLook != 0 && nanoTime < nextLook
                || renormalisation.source().layers().isEmpty()) {
            return Optional.empty();
        }
        nextLook = nanoTime + LOOK_EVERY_NANOS;
        List<StoredReport> reports = store.statistics(guard.activeMinutes());
        if (reports.isEmpty() || reports.get(0).ordinal() <= newestJudged) {
            return Optional.empty();
        }
        newestJudged = reports.get(0).ordinal();
        return CohortStatistics.of(
                        reports, renormalisation.source(), model.manifest().classes(), guard.deviceShare())
                .flatMap(cohort -> judge(cohort, base, live, nanoTime));
    }

    private Optional<Judged> judge(
            CohortStatistics cohort, AffineParameters base, AffineParameters live, long nanoTime) {
        AffineParameters wanted =
                renormalisation.affine(cohort.statistics(), cohort.prior()).minus(base);
        AffineParameters difference =
                AffineCodec.decode(AffineCodec.encode(wanted), model.manifest().layers());
        Verdict verdict = StatisticsGate.judge(cohort, base.plus(difference), live, renormalisation.source());
        LOG.debugf("loop %s: statistics: %s: %s", key, verdict.getClass().getSimpleName(), verdict.reason());
        if (verdict instanceof Verdict.Publish) {
            refusals = 0;
            return Optional.of(new Judged(verdict, difference));
        }
        if (verdict instanceof Verdict.Refuse refuse && refuse.cause().harmful()) {
            nextLook = nanoTime + FIRST_WAIT.toNanos() * (1L << Math.min(refusals++, MOST_DOUBLINGS));
            return Optional.of(new Judged(verdict, difference));
        }
        return Optional.empty(); // asked again when there is more, or other
    }
}
