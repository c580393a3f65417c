package io.cema.edge.update;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.model.AffineParameters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The domains this device has left and what it ran in each of them at the end. In memory; one thread. */
final class KnownDomains {
    private static final int MOST = 16;
    /** Distance of looks (see FeatureSummary) up to which two are of one domain. */
    private static final double SAME = 0.15;

    /** @param affine absolute, of the model that ran there */
    record Known(FeatureSummary look, ModelOrigin origin, AffineParameters affine) {}

    /** Oldest first. */
    private final List<Known> domains = new ArrayList<>();

    /** What ran last in a domain counts. */
    void remember(FeatureSummary look, ModelOrigin origin, AffineParameters affine) {
        like(look).ifPresent(domains::remove);
        domains.add(new Known(look, origin, affine));
        if (domains.size() > MOST) {
            domains.remove(0);
        }
    }

    /** The nearest, if it is near enough. */
    Optional<Known> like(FeatureSummary look) {
        return domains.stream()
                .filter(known -> known.look().distance(look) <= SAME)
                .min(Comparator.comparingDouble(known -> known.look().distance(look)));
    }
}
