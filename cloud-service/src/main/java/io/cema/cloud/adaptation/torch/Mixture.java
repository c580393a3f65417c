package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import java.util.List;

/**
 * What serves a mixture of domains: an expert of the edge model for each, and what stands behind it. Immutable.
 *
 * @param adaptation absolute
 * @param domains in the experts' order
 */
public record Mixture(Adaptation adaptation, List<Domain> domains) {
    /**
     * The models' states in one domain: its own statistics behind the scales and shifts that were learnt on all.
     *
     * @param twin what became the expert
     * @param unlearnt the twin with the registered scales and shifts
     * @param teacher the foundation model
     */
    public record Domain(NormState twin, NormState unlearnt, NormState teacher) {}

    public Mixture {
        domains = List.copyOf(domains);
    }
}
