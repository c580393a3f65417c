package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;

/**
 * How the normalisation statistics of a domain are found: measured on unfiltered images apart from learning, and fixed
 * while learning. Uploads that passed the selection are a biased sample for statistics (the entropy filter keeps the easy
 * ones), and batches of them scatter.
 *
 * @param images newest unfiltered images of the domain that are measured on, at most; 0: statistics follow the learning
 *     batches, as published
 * @param minimumImages below this many nothing is measured
 * @param prior share of the source statistics where the images are of all classes, in [0, 1]. The convolutions were
 *     trained behind the source statistics, and half of them serves better than none on every corruption but the ones
 *     that crush the contrast; a channel far from the source takes less of it
 * @param cautiousPrior share of the source statistics, at least prior, behind which the classes of the images are looked
 *     at: the fewer there are, the more of the source statistics stays
 * @param ownShare share of the twin's own calibrated logits in what it is taught, in [0, 1): two models err differently
 * @param domainDistance distance of looks (see FeatureSummary) from which images are another domain's
 * @param recallDistance distance up to which a domain left behind is recognised
 * @param remembered domains kept; 0: every domain is new
 * @param experts most affines in one update where images of several domains come together, in [1, 8]; 1 for agents that
 *     know one affine alone (capability update:experts)
 */
public record Calibration(
        int images,
        int minimumImages,
        double prior,
        double cautiousPrior,
        double ownShare,
        double domainDistance,
        double recallDistance,
        int remembered,
        int experts) {
    public Calibration {
        require(images >= 0, "images", images, "at least 0");
        require(minimumImages >= 2, "minimumImages", minimumImages, "at least 2");
        require(prior >= 0 && prior <= 1, "prior", prior, "in [0, 1]");
        require(cautiousPrior >= prior && cautiousPrior <= 1, "cautiousPrior", cautiousPrior, "in [prior, 1]");
        require(ownShare >= 0 && ownShare < 1, "ownShare", ownShare, "in [0, 1)");
        require(domainDistance > 0, "domainDistance", domainDistance, "above 0");
        require(recallDistance >= 0, "recallDistance", recallDistance, "at least 0");
        require(remembered >= 0, "remembered", remembered, "at least 0");
        require(experts >= 1 && experts <= Adaptation.MOST, "experts", experts, "in [1, " + Adaptation.MOST + "]");
    }

    /** None: as published. */
    public static Calibration published() {
        return new Calibration(0, 16, 0, 0, 0, Double.MAX_VALUE, 0, 0, 1);
    }

    public static Calibration defaults() {
        return new Calibration(256, 16, 0.5, 0.9, 0.5, 0.3, 0.15, 16, 5);
    }

    /** Whether statistics are measured apart from learning. */
    public boolean on() {
        return images > 0;
    }

    private static void require(boolean holds, String name, Number value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("calibration setting " + name + " must be " + range + ", is " + value);
        }
    }
}
