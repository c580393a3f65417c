package io.cema.demo;

import io.cema.bench.image.LabelledImage;
import java.util.List;
import java.util.random.RandomGenerator;

/** Where the stream's clear images come from. Images all have one size. One thread. */
interface ImageSupply {
    /** For people: what and how many. */
    String description();

    /** Names of the classes in the order of the labels. */
    List<String> labels();

    /**
     * The next images, in random order. None comes twice before all have come once.
     *
     * @return {@code count} images
     */
    List<LabelledImage> draw(int count, RandomGenerator random);
}
