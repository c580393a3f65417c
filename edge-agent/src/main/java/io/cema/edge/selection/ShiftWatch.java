package io.cema.edge.selection;

import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageFeatures;
import java.util.Arrays;

/**
 * Watches how frames look and says when the domain has changed: the last window of frames lies further from those before
 * it in this domain than chance and changing contents explain. Works on pixels alone, so a swap of the model does not
 * disturb it. One thread.
 */
final class ShiftWatch {
    private static final int CHECK_EVERY = 4;

    private final double[][] recent;
    private final double threshold;
    private final DomainObserver observer;
    private FeatureSummary before = FeatureSummary.empty();
    private long seen;
    /** Look of the domain begun last, until a window of it was seen; empty otherwise. */
    private FeatureSummary entered = FeatureSummary.empty();

    ShiftWatch(int window, double threshold, DomainObserver observer) {
        this.recent = new double[window][];
        this.threshold = threshold;
        this.observer = observer;
    }

    /** @return true if a new domain has begun within the last window of frames */
    boolean observe(Image image) {
        if (threshold == Double.POSITIVE_INFINITY) {
            return false;
        }
        double[] features = ImageFeatures.of(image);
        int slot = (int) (seen % recent.length);
        if (recent[slot] != null) {
            before = before.with(recent[slot]);
        }
        recent[slot] = features;
        seen++;
        if (entered.count() > 0) {
            enter(features);
        }
        if (seen % CHECK_EVERY != 0 || before.count() < recent.length) {
            return false;
        }
        FeatureSummary now = FeatureSummary.empty();
        for (double[] frame : recent) {
            now = now.with(frame);
        }
        if (before.distance(now) <= threshold) {
            return false;
        }
        begin();
        return true;
    }

    /** The newest frames are of the new domain, whichever of the window are not. */
    private void begin() {
        observer.left(before);
        entered = FeatureSummary.empty();
        for (long frame = seen - CHECK_EVERY; frame < seen; frame++) {
            entered = entered.with(recent[(int) (frame % recent.length)]);
        }
        observer.entered(entered);
        before = FeatureSummary.empty();
        seen = 0;
        Arrays.fill(recent, null);
    }

    private void enter(double[] features) {
        entered = entered.with(features);
        if (entered.count() % CHECK_EVERY == 0) {
            observer.entered(entered);
        }
        if (entered.count() >= recent.length) {
            entered = FeatureSummary.empty();
        }
    }
}
