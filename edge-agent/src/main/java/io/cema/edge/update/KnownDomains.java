package io.cema.edge.update;

import io.cema.edge.selection.Domain;
import io.cema.protocol.adaptation.Adaptation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What this device ran last in each of the domains it has left. In memory; one thread. */
final class KnownDomains {
    private static final int MOST = 16;

    /** @param adaptation absolute, of the model that ran there */
    record Known(ModelOrigin origin, Adaptation adaptation) {}

    private final Map<Domain, Known> domains = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Domain, Known> eldest) {
            return size() > MOST;
        }
    };

    void remember(Domain domain, ModelOrigin origin, Adaptation adaptation) {
        domains.put(domain, new Known(origin, adaptation));
    }

    Optional<Known> in(Domain domain) {
        return Optional.ofNullable(domains.get(domain));
    }
}
