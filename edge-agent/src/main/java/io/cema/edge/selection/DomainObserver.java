package io.cema.edge.selection;

import io.cema.protocol.image.FeatureSummary;

/** Told when the look of the frames changes. Called on the frame-processing thread; must return at once. */
public interface DomainObserver {
    /** Nobody. */
    DomainObserver NONE = new DomainObserver() {
        @Override
        public void left(FeatureSummary look) {}

        @Override
        public void entered(FeatureSummary look) {}
    };

    /** A domain was left; this is how it looked. */
    void left(FeatureSummary look);

    /** How the new domain looks so far; called right after {@link #left}, then with some more frames, and some more. */
    void entered(FeatureSummary look);
}
