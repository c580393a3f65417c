package io.cema.bench.image;

import io.cema.protocol.image.Image;

/**
 * An image and what it shows.
 *
 * @param label index of the class, 0 or more
 */
public record LabelledImage(Image image, int label) {
    public LabelledImage {
        if (label < 0) {
            throw new IllegalArgumentException("label " + label + " is negative");
        }
    }
}
