package io.cema.edge.selection;

import io.cema.protocol.image.ChangeCaution;
import io.cema.protocol.image.ContentCaution;
import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Watches how frames look and says when the domain has changed. A domain not known yet shows when the last window of frames
 * lies further from those before it than chance and changing contents explain; one that was here before, within some five
 * frames, since it is known what to look for. Of predictions it takes only how many classes there are among them, so
 * a swap of the model hardly disturbs it. One thread.
 */
final class DomainWatch {
    private static final int CHECK_EVERY = 4;
    private static final int MOST_KNOWN = 16;
    /** Distance of looks (see FeatureSummary) up to which two are of one domain. */
    private static final double SAME = 0.15;
    /** Frames behind a look from which its variances are good enough for likelihoods. */
    private static final int ENOUGH_FRAMES = 64;
    /** Features go together: a frame says about a fifth of what as many independent ones would. */
    private static final double TEMPER = 0.2;
    /** So much less likely than usual, nats, a frame is as likely one of a domain not known yet. */
    private static final double UNLIKE = 6;
    /** Most that one frame may say, nats: odd frames are no change. */
    private static final double MOST_OF_ONE_FRAME = 2;
    /** Nats for a known domain against the present one from which it is back. */
    private static final double BACK = 4;
    /** Windows that a domain which is back lasts at least; what is over before was another one. */
    private static final int MISTAKEN = 2;
    /** Weather and light last longer; what is over before was a change of contents. */
    private static final int SHORT_LIVED = 320;

    private final double[][] recent;
    /** Predicted class of each of the recent frames. */
    private final int[] shown;

    private final int classes;
    private final double threshold;
    private final DomainObserver observer;
    /** Left ones, oldest first. */
    private final List<Domain> known = new ArrayList<>();

    private final ChangeCaution caution = new ChangeCaution(SHORT_LIVED);
    private Domain present = new Domain();
    /** Whether it was left before. */
    private boolean returned;
    /** Frames since the present domain began or was entered. */
    private long seen;
    /** Look of the domain begun last, until a window of it was seen; empty otherwise. */
    private FeatureSummary beginning = FeatureSummary.empty();

    DomainWatch(int window, double threshold, int classes, DomainObserver observer) {
        this.recent = new double[window][];
        this.shown = new int[window];
        this.classes = classes;
        this.threshold = threshold;
        this.observer = observer;
    }

    /**
     * @param predicted class, by the model in use
     * @return true if another domain has begun within the last window of frames
     */
    boolean observe(Image image, int predicted) {
        if (threshold == Double.POSITIVE_INFINITY) {
            return false;
        }
        double[] features = ImageFeatures.of(image);
        int slot = (int) (seen % recent.length);
        if (recent[slot] != null) {
            present.add(recent[slot]);
        }
        recent[slot] = features;
        shown[slot] = predicted;
        seen++;
        caution.lasted(1);
        if (beginning.count() > 0) {
            return begun(features);
        }
        Optional<Domain> back = back(features);
        if (back.isPresent()) {
            leave();
            enter(back.get());
            return true;
        }
        if (!shifted()) {
            return false;
        }
        // The newest frames are of the new domain, whichever of the window are not.
        double[][] newest = new double[CHECK_EVERY][];
        for (int i = 0; i < CHECK_EVERY; i++) {
            newest[i] = recent[(int) ((seen - CHECK_EVERY + i) % recent.length)];
        }
        leave();
        present = new Domain();
        returned = false;
        for (double[] frame : newest) {
            begun(frame);
        }
        return true;
    }

    private boolean shifted() {
        if (seen % CHECK_EVERY != 0 || seen < recent.length || present.look().count() < recent.length) {
            return false;
        }
        FeatureSummary now = FeatureSummary.empty();
        for (double[] frame : recent) {
            now = now.with(frame);
        }
        return present.look().distance(now) > threshold * caution();
    }

    private double caution() {
        int[] counts = new int[classes];
        for (int i = 0; i < Math.min(seen, shown.length); i++) {
            counts[shown[i]]++;
        }
        return Math.max(caution.factor(), ContentCaution.factor(counts));
    }

    /** A known domain that the newest frames speak for rather than for the present one. */
    private Optional<Domain> back(double[] features) {
        if (present.look().count() < ENOUGH_FRAMES) {
            return Optional.empty();
        }
        double here = present.look().logLikelihood(features);
        Domain likeliest = null;
        for (Domain domain : known) {
            double there = domain.look().logLikelihood(features);
            double unknown = domain.look().expectedLogLikelihood() - UNLIKE;
            double ratio = TEMPER * (there - Math.max(here, unknown));
            domain.weigh(Math.max(-MOST_OF_ONE_FRAME, Math.min(MOST_OF_ONE_FRAME, ratio)));
            if (likeliest == null || domain.evidence() > likeliest.evidence()) {
                likeliest = domain;
            }
        }
        return Optional.ofNullable(likeliest).filter(domain -> domain.evidence() >= BACK * caution());
    }

    /**
     * One more frame of a domain that has just begun: it may turn out to be a known one.
     *
     * @return true if so
     */
    private boolean begun(double[] features) {
        beginning = beginning.with(features);
        if (beginning.count() % CHECK_EVERY == 0) {
            FeatureSummary look = beginning;
            Optional<Domain> like = known.stream()
                    .filter(domain -> domain.look().distance(look) <= SAME)
                    .min(Comparator.comparingDouble(domain -> domain.look().distance(look)));
            if (like.isPresent()) {
                enter(like.get());
                return true;
            }
        }
        if (beginning.count() >= recent.length) {
            beginning = FeatureSummary.empty();
        }
        return false;
    }

    private void leave() {
        // What ran for a moment in a domain that was taken for a known one is nothing to remember of that.
        if (!returned || seen >= MISTAKEN * recent.length) {
            observer.left(present);
        }
        caution.changed(0);
        if (present.look().count() > 0) {
            known.add(present);
        }
        if (known.size() > MOST_KNOWN) {
            known.remove(0);
        }
        forgetFrames();
    }

    private void enter(Domain domain) {
        known.remove(domain);
        present = domain;
        returned = true;
        forgetFrames();
        observer.entered(domain);
    }

    private void forgetFrames() {
        known.forEach(Domain::forgetEvidence);
        beginning = FeatureSummary.empty();
        seen = 0;
        Arrays.fill(recent, null);
    }
}
