package io.cema.demo;

import io.cema.bench.corruption.Corruption;
import io.cema.protocol.image.Image;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A stretch of the stream in which the world looks one way.
 *
 * @param name as the user wrote it, e.g. {@code fog}
 * @param corruption empty while the view is clear
 * @param severity 1..5, 0 while the view is clear
 */
record Phase(String name, Optional<Corruption> corruption, int severity) {
    static Phase clear(String name) {
        return new Phase(name, Optional.empty(), 0);
    }

    /** Whether the world has moved away from what the model was trained on. */
    boolean drifted() {
        return corruption.isPresent();
    }

    /** Name and severity, for people. */
    String title() {
        return drifted() ? name.replace('_', ' ') + " " + severity : name;
    }

    Image apply(Image image, RandomGenerator random) {
        return corruption.map(c -> c.apply(image, severity, random)).orElse(image);
    }
}
