package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.protocol.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes down what the teacher sees in uploads, for those who compare devices by it. One thread, the loop's.
 */
final class TeacherScores {
    /** The payload is gone or broken: nobody can look at it. */
    static final int NOTHING = -1;

    private final LoopStore store;
    private final Function<StoredSample, Optional<Image>> images;

    TeacherScores(LoopStore store, Function<StoredSample, Optional<Image>> images) {
        this.store = store;
        this.images = images;
    }

    /** Takes what the teacher said anyway. */
    void add(List<StoredSample> samples, List<Integer> classes) {
        List<LoopStore.Score> scores = new ArrayList<>(classes.size());
        for (int i = 0; i < classes.size(); i++) {
            scores.add(new LoopStore.Score(samples.get(i).ordinal(), classes.get(i)));
        }
        if (!scores.isEmpty()) {
            store.recordScores(scores);
        }
    }

    /**
     * Has the teacher look at uploads since the candidate under judgement was published, those it would not see otherwise
     * included.
     *
     * @param limit most at once
     * @param randomAlone true: only those drawn at random
     * @return whether there may be more
     */
    boolean lookAtUnscored(Distiller distiller, int limit, boolean randomAlone) {
        List<StoredSample> unscored = store.unscored(limit, randomAlone);
        List<StoredSample> seen = new ArrayList<>();
        List<Image> pixels = new ArrayList<>();
        List<LoopStore.Score> scores = new ArrayList<>();
        for (StoredSample sample : unscored) {
            Optional<Image> image = images.apply(sample);
            if (image.isPresent()) {
                seen.add(sample);
                pixels.add(image.get());
            } else {
                scores.add(new LoopStore.Score(sample.ordinal(), NOTHING));
            }
        }
        if (!pixels.isEmpty()) {
            List<Integer> classes = distiller.teacherClasses(pixels);
            for (int i = 0; i < seen.size(); i++) {
                scores.add(new LoopStore.Score(seen.get(i).ordinal(), classes.get(i)));
            }
        }
        if (!scores.isEmpty()) {
            store.recordScores(scores);
        }
        return unscored.size() == limit;
    }
}
