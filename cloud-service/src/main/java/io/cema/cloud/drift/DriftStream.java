package io.cema.cloud.drift;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * One signal of one device or cohort: learns how it is, watches whether it stays so, and once it does not, whether it comes
 * back; then it learns anew. Its fields are what the database keeps. One thread.
 */
final class DriftStream {
    /** Scores whose mean says how it is now. */
    private static final int RECENT = 4;

    /** Scores that say how far is usual. */
    private static final int USUAL = 20;

    /** Where a stream stands. */
    @Schema(name = "DriftPhase")
    enum Phase {
        /** No reference yet: nothing is seen. */
        LEARNING,
        WATCHING,
        /** The reference is kept, over updates too, until it is as it was. */
        DRIFTED
    }

    /** What an observation changed. */
    enum Outcome {
        NONE,
        DRIFTED,
        RETURNED
    }

    @JsonProperty
    private Phase phase = Phase.LEARNING;

    @JsonProperty
    private long observations;

    @JsonProperty
    private Learning learning = new Learning();

    @JsonProperty
    private Reference reference;

    @JsonProperty
    private ShiftDetector detector = new ShiftDetector();

    @JsonProperty
    private double batchSum;

    @JsonProperty
    private int batched;

    @JsonProperty
    private double usualSum;

    @JsonProperty
    private int usualCount;

    @JsonProperty
    private List<Double> recent = new ArrayList<>();

    /** Of the last observation, if it ended a batch. */
    @JsonProperty
    private Double rank;

    /**
     * @param observed one observation
     * @param frames it is of
     * @param size observations that make a reference, 2 or more
     * @param threshold evidence at which there is drift
     */
    Outcome observe(Scoring scoring, double[] observed, long frames, int size, double threshold) {
        if (phase == Phase.LEARNING ? !learning.fits(observed) : reference.centre().length != observed.length) {
            throw new IllegalArgumentException("an observation of " + observed.length + " numbers is of another kind");
        }
        observations++;
        rank = null;
        if (phase == Phase.LEARNING) {
            if (learning.add(observed, frames) >= size) {
                reference = learning.reference();
                learning = new Learning();
                phase = Phase.WATCHING;
            }
            return Outcome.NONE;
        }
        batchSum += scoring.score(observed, reference.centre());
        batched++;
        if (batched < reference.batch()) {
            return Outcome.NONE;
        }
        double score = batchSum / batched;
        batchSum = 0;
        batched = 0;
        rank = detector.rank(score);
        recent.add(score);
        if (recent.size() > RECENT) {
            recent.remove(0);
        }
        return phase == Phase.WATCHING ? watch(score, scoring.margin(), threshold) : awaitReturn(scoring.margin());
    }

    private Outcome watch(double score, double margin, double threshold) {
        detector.observe(score);
        if (usualCount < USUAL) {
            usualSum += score;
            usualCount++;
        }
        if (detector.evidence() < threshold || score() < usual() + margin) {
            return Outcome.NONE;
        }
        phase = Phase.DRIFTED;
        return Outcome.DRIFTED;
    }

    private Outcome awaitReturn(double margin) {
        if (recent.size() < RECENT || score() >= usual() + margin / 2) {
            return Outcome.NONE;
        }
        // What came meanwhile, other updates above all, is not what the reference was learnt of.
        phase = Phase.LEARNING;
        observations = 0;
        reference = null;
        detector = new ShiftDetector();
        usualSum = 0;
        usualCount = 0;
        recent = new ArrayList<>();
        rank = null;
        return Outcome.RETURNED;
    }

    Phase phase() {
        return phase;
    }

    /** Since the reference began. */
    long observations() {
        return observations;
    }

    double evidence() {
        return detector.evidence();
    }

    /** Mean of the newest scores; 0 without any. */
    double score() {
        return recent.stream().mapToDouble(s -> s).average().orElse(0);
    }

    /** Mean of the first scores; 0 without any. */
    double usual() {
        return usualCount == 0 ? 0 : usualSum / usualCount;
    }

    /** The share of scores before it that lie below the last observation's; empty while a batch is gathered. */
    Optional<Double> rank() {
        return Optional.ofNullable(rank);
    }

    Optional<Reference> reference() {
        return Optional.ofNullable(reference);
    }
}
