package io.cema.edge.update;

import io.cema.edge.selection.Domain;
import io.cema.protocol.model.AffineParameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What this device ran last in each of the domains it has left. In memory; one thread. */
final class KnownDomains {
    private static final int MOST = 16;

    /** @param affine absolute, of the model that ran there */
    record Known(ModelOrigin origin, AffineParameters affine) {}

    private final Map<Domain, Known> domains = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Domain, Known> eldest) {
            return size() > MOST;
        }
    };

    void remember(Domain domain, ModelOrigin origin, AffineParameters affine) {
        domains.put(domain, new Known(origin, affine));
    }

    Optional<Known> in(Domain domain) {
        return Optional.ofNullable(domains.get(domain));
    }
}
