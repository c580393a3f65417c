package io.cema.edge.selection;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageFeatures;

/**
 * Watches how frames look and says when the domain has changed: the last window of frames lies further from those before
 * it in this domain than chance and changing contents explain. Works on pixels alone, so a swap of the model does not
 * disturb it. One thread.
 */
final class ShiftWatch {
    private static final int CHECK_EVERY = 4;

    private final double[][] recent;
    private final double threshold;
    private FeatureSummary before = FeatureSummary.empty();
    private long seen;

    ShiftWatch(int window, double threshold) {
        this.recent = new double[window][];
        this.threshold = threshold;
    }

    /** @return true if a new domain has begun within the last window of frames */
    boolean observe(Image image) {
        if (threshold == Double.POSITIVE_INFINITY) {
            return false;
        }
        int slot = (int) (seen % recent.length);
        if (recent[slot] != null) {
            before = before.with(recent[slot]);
        }
        recent[slot] = ImageFeatures.of(image);
        seen++;
        if (seen % CHECK_EVERY != 0 || before.count() < recent.length) {
            return false;
        }
        FeatureSummary now = FeatureSummary.empty();
        for (double[] features : recent) {
            now = now.with(features);
        }
        if (before.distance(now) <= threshold) {
            return false;
        }
        before = FeatureSummary.empty();
        seen = 0;
        java.util.Arrays.fill(recent, null);
        return true;
    }
}
