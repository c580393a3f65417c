package io.cema.cloud.adaptation.torch;

import java.util.Optional;

/**
 * What a domain's images say of it by themselves.
 *
 * @param far they lie so far from what the foundation model was trained on that a registered model is lost there
 * @param mixture what serves them if they are of several domains; empty if of one, or too few to tell
 */
public record Surroundings(boolean far, Optional<Mixture> mixture) {
    static final Surroundings UNKNOWN = new Surroundings(false, Optional.empty());
}
