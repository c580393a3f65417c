package io.cema.edge.selection;

import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Decision.Skip;
import io.cema.edge.selection.Decision.SkipReason;
import io.cema.edge.selection.Decision.Upload;
import io.cema.edge.selection.Decision.UploadCause;
import java.util.SplittableRandom;

/**
 * Says of each frame whether it is worth uploading: reliable, informative, not redundant, not a near-duplicate of the
 * last kept frame, in this order; a small random share goes up past all that. The bandwidth budget is not its business:
 * the uplink spools what is selected and sends what the budget allows.
 *
 * <p>Deterministic for a seed and a sequence of frames. Not thread-safe: the frame-processing thread owns it.
 */
public final class SampleSelector {
    private final SelectionSettings settings;
    private final ReliabilityThreshold reliability;
    private final RedundancyFilter redundancy;
    private final NearDuplicateFilter nearDuplicates;
    private final SplittableRandom random;

    /** @param seed of the random share and of the near-duplicate filter */
    public SampleSelector(SelectionSettings settings, long seed) {
        this.settings = settings;
        SplittableRandom root = new SplittableRandom(seed);
        this.random = root.split();
        this.reliability = new ReliabilityThreshold(settings);
        this.redundancy = new RedundancyFilter(settings.redundancyCosine(), settings.redundancyMomentum());
        this.nearDuplicates =
                new NearDuplicateFilter(settings.similarityThreshold(), settings.maxConsecutiveSkips(), root.split());
    }

    /**
     * Judges the next frame of the stream.
     *
     * @param prediction of the model in use, with the settings' number of classes
     * @param pixels of the frame as taken, interleaved RGB, 8 bits each
     */
    public Decision decide(Prediction prediction, byte[] pixels) {
        if (prediction.classes() != settings.classes()) {
            throw new IllegalArgumentException("selection is set up for " + settings.classes()
                    + " classes, the prediction has " + prediction.classes());
        }
        double entropy = prediction.entropy();
        double entropyMax = reliability.observe(entropy);
        // Drawn first and without touching the filters: this share must not depend on what they think.
        if (random.nextDouble() < settings.randomShare()) {
            return new Upload(UploadCause.RANDOM, settings.weight(entropy));
        }
        if (entropy >= entropyMax) {
            return new Skip(SkipReason.UNRELIABLE);
        }
        if (entropy <= settings.entropyMin()) {
            return new Skip(SkipReason.UNINFORMATIVE);
        }
        if (redundancy.redundant(prediction.probabilities())) {
            return new Skip(SkipReason.REDUNDANT);
        }
        if (nearDuplicates.skip(pixels)) {
            return new Skip(SkipReason.NEAR_DUPLICATE);
        }
        redundancy.keep(prediction.probabilities());
        nearDuplicates.keep(pixels);
        return new Upload(UploadCause.INFORMATIVE, settings.weight(entropy));
    }

    /** E_max(t) in nats. */
    public double entropyMax() {
        return reliability.current();
    }

    /** Mean entropy of all frames seen, in nats. */
    public double meanEntropy() {
        return reliability.meanEntropy();
    }

    public SelectionSettings settings() {
        return settings;
    }
}
