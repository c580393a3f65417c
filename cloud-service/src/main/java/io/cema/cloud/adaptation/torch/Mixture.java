package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import java.util.List;

/**
 * What serves a mixture of domains: an expert of the edge model for each, and the foundation model behind each domain's
 * statistics. Immutable.
 *
 * @param adaptation absolute
 * @param teachers the foundation model's state for each expert, in their order
 */
public record Mixture(Adaptation adaptation, List<NormState> teachers) {
    public Mixture {
        teachers = List.copyOf(teachers);
    }
}
