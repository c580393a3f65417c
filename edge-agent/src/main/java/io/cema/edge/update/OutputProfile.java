package io.cema.edge.update;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.Prediction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a model answers on a handful of frames, as far as it can be judged without labels. One thread.
 *
 * <p>The same profile serves twice: a candidate against the model in use before a swap, and the model in use against its
 * predecessor after it.
 */
final class OutputProfile {
    private final long[] classes;
    private long frames;
    private double entropySum;

    OutputProfile(int classes) {
        this.classes = new long[classes];
    }

    /** @throws io.cema.edge.inference.InferenceException if a logit is not finite */
    static OutputProfile of(InferenceEngine engine, List<float[]> inputs) {
        OutputProfile profile = new OutputProfile(engine.classes());
        for (float[] input : inputs) {
            profile.add(Prediction.fromLogits(engine.logits(input, 1)));
        }
        return profile;
    }

    void add(Prediction prediction) {
        classes[prediction.predictedClass()]++;
        frames++;
        entropySum += prediction.entropy();
    }

    long frames() {
        return frames;
    }

    double meanEntropy() {
        return frames == 0 ? 0 : entropySum / frames;
    }

    double topShare() {
        long top = 0;
        for (long count : classes) {
            top = Math.max(top, count);
        }
        return frames == 0 ? 0 : (double) top / frames;
    }

    /** Why this profile is a setback against {@code before}; empty if it is none. */
    Optional<String> setback(OutputProfile before, GuardSettings guard) {
        if (frames < guard.minFrames() || before.frames < guard.minFrames()) {
            return Optional.empty();
        }
        double allowed = before.meanEntropy() + guard.maxEntropyJump() * Math.log(classes.length);
        if (meanEntropy() > allowed) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "mean entropy %.3f over %d frames, was %.3f, allowed %.3f",
                    meanEntropy(),
                    frames,
                    before.meanEntropy(),
                    allowed));
        }
        if (topShare() > guard.maxClassShare() && topShare() > before.topShare() + guard.maxClassShareRise()) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "class collapse: one class has %.2f of %d frames, had %.2f",
                    topShare(),
                    frames,
                    before.topShare()));
        }
        return Optional.empty();
    }
}
