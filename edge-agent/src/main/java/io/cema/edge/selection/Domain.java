package io.cema.edge.selection;

import io.cema.protocol.image.FeatureSummary;

/**
 * A stretch of the stream in which frames look alike, and those in which they look so again: fog, night. Two are the same if
 * they are the same object. What it holds belongs to the frame-processing thread; elsewhere it is a key and no more.
 */
public final class Domain {
    /** Of the frames seen in it; without those of the newest window while it is the present one. */
    private FeatureSummary look = FeatureSummary.empty();
    /** Evidence of late that the view has come back to it, nats. */
    private double evidence;

    FeatureSummary look() {
        return look;
    }

    void add(double[] features) {
        look = look.with(features);
    }

    double evidence() {
        return evidence;
    }

    /** Sums up like a CUSUM: what speaks against it counts down to nothing, not below. */
    void weigh(double logLikelihoodRatio) {
        evidence = Math.max(0, evidence + logLikelihoodRatio);
    }

    void forgetEvidence() {
        evidence = 0;
    }
}
