package io.cema.edge.selection;

import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Decision.Skip;
import io.cema.edge.selection.Decision.SkipReason;
import io.cema.edge.selection.Decision.Upload;
import io.cema.edge.selection.Decision.UploadCause;
import io.cema.protocol.image.Image;
import java.util.SplittableRandom;

/**
 * Says of each frame whether it is worth uploading: reliable, informative, not redundant, not a near-duplicate of the
 * last kept frame, in this order; a small random share goes up past all that, and so do unfiltered frames, many at the
 * beginning of a domain and few later. The bandwidth budget is not its business:
 * the uplink spools what is selected and sends what the budget allows.
 *
 * <p>Deterministic for a seed and a sequence of frames. Not thread-safe: the frame-processing thread owns it.
 */
public final class SampleSelector {
    private final SelectionSettings settings;
    private final ReliabilityThreshold reliability;
    private final RedundancyFilter redundancy;
    private final NearDuplicateFilter nearDuplicates;
    private final DomainWatch domains;
    private final ThinningTap statistics;
    private final ThinningTap informative;
    private final SplittableRandom random;

    /** @param seed of the random share and of the near-duplicate filter */
    public SampleSelector(SelectionSettings settings, long seed) {
        this(settings, seed, DomainObserver.NONE);
    }

    /** @param observer told of changes of domain */
    public SampleSelector(SelectionSettings settings, long seed, DomainObserver observer) {
        this.settings = settings;
        SplittableRandom root = new SplittableRandom(seed);
        this.random = root.split();
        this.reliability = new ReliabilityThreshold(settings);
        this.redundancy = new RedundancyFilter(settings.redundancyCosine(), settings.redundancyMomentum());
        this.nearDuplicates =
                new NearDuplicateFilter(settings.similarityThreshold(), settings.maxConsecutiveSkips(), root.split());
        Sampling sampling = settings.sampling();
        this.domains = new DomainWatch(sampling.window(), sampling.shiftDistance(), settings.classes(), observer);
        this.statistics = new ThinningTap(sampling.statisticsBurst(), sampling.slowestInterval(), settings.classes());
        this.informative = new ThinningTap(sampling.informativeBurst(), Integer.MAX_VALUE, settings.classes());
    }

    /**
     * Judges the next frame of the stream.
     *
     * @param prediction of the model in use, with the settings' number of classes
     * @param image the frame as taken
     * @param experts of the model in use: so many domains come mixed, and each needs its unfiltered frames
     */
    public Decision decide(Prediction prediction, Image image, int experts) {
        if (prediction.classes() != settings.classes()) {
            throw new IllegalArgumentException("selection is set up for " + settings.classes()
                    + " classes, the prediction has " + prediction.classes());
        }
        int predicted = prediction.predictedClass();
        double entropy = prediction.entropy();
        double entropyMax = reliability.observe(entropy);
        statistics.tick();
        informative.tick();
        boolean another = domains.observe(image, predicted);
        Decision decision = judge(prediction, image, experts, entropyMax);
        if (another) {
            // The model of the domain before answered this frame still: the first upload is the next one's.
            statistics.restart();
            informative.restart();
            redundancy.restart();
        }
        return decision;
    }

    private Decision judge(Prediction prediction, Image image, int experts, double entropyMax) {
        int predicted = prediction.predictedClass();
        double entropy = prediction.entropy();
        // Drawn first and without touching the filters: this share must not depend on what they think.
        if (random.nextDouble() < settings.randomShare()) {
            return new Upload(UploadCause.RANDOM, settings.weight(entropy));
        }
        if (statistics.open(predicted, experts)) {
            statistics.take(predicted);
            return new Upload(UploadCause.STATISTICS, settings.weight(entropy));
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
        if (nearDuplicates.skip(image.rgb())) {
            return new Skip(SkipReason.NEAR_DUPLICATE);
        }
        if (settings.sampling().informativeBurst() > 0) {
            if (!informative.open(predicted, 1)) {
                return new Skip(SkipReason.THINNED_OUT);
            }
            informative.take(predicted);
        }
        redundancy.keep(prediction.probabilities());
        nearDuplicates.keep(image.rgb());
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
