package io.cema.protocol.adaptation;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormLayer;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What adaptation has made of a model: one affine for all images; or, for a mixture of domains that no single affine
 * serves, several experts, each for the images that look like its own. Absolute or a difference to the registered model,
 * as whoever holds it says. Immutable.
 *
 * @param experts at least one; of several each with a look. The first is for images without a look
 */
public record Adaptation(List<Expert> experts) {
    /** Most experts: an edge holds a folded model for each. */
    public static final int MOST = 8;

    public Adaptation {
        experts = List.copyOf(experts);
        if (experts.isEmpty() || experts.size() > MOST) {
            throw new IllegalArgumentException(
                    "an adaptation has 1 to " + MOST + " experts, this one has " + experts.size());
        }
        for (int i = 0; i < experts.size(); i++) {
            if (experts.get(i).look().isPresent() != experts.size() > 1) {
                throw new IllegalArgumentException("expert " + i + " of " + experts.size()
                        + (experts.size() > 1 ? " has no look to choose it by" : " has a look, but is for all images"));
            }
        }
    }

    /** One affine for all images. */
    public static Adaptation of(AffineParameters affine) {
        return new Adaptation(List.of(new Expert(affine, Optional.empty())));
    }

    /** Whether there is a choice to make. */
    public boolean mixed() {
        return experts.size() > 1;
    }

    /** The affine of the first expert, of the only one if {@link #mixed} is false. */
    public AffineParameters first() {
        return experts.get(0).affine();
    }

    /**
     * Index of the expert for an image.
     *
     * @param features of {@link io.cema.protocol.image.ImageFeatures}
     */
    public int choose(double[] features) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; mixed() && i < experts.size(); i++) {
            double score = experts.get(i).look().orElseThrow().of(features);
            if (score > highest) {
                highest = score;
                best = i;
            }
        }
        return best;
    }

    /** The absolute parameters, if these are differences to a base. */
    public Adaptation plus(AffineParameters base) {
        return mapped(base::plus);
    }

    /** The differences to a base, if these are absolute. */
    public Adaptation minus(AffineParameters base) {
        return mapped(affine -> affine.minus(base));
    }

    private Adaptation mapped(UnaryOperator<AffineParameters> change) {
        return new Adaptation(experts.stream()
                .map(e -> new Expert(change.apply(e.affine()), e.look()))
                .toList());
    }

    /** Throws IllegalArgumentException, as {@link AffineParameters#requireMatches} does for each expert. */
    public void requireMatches(List<NormLayer> layers) {
        experts.forEach(e -> e.affine().requireMatches(layers));
    }

    /** Throws IllegalArgumentException, as {@link AffineParameters#requireFinite} does for each expert. */
    public void requireFinite() {
        experts.forEach(e -> e.affine().requireFinite());
    }
}
