package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.Image;

/**
 * An upload that selection did not touch.
 *
 * @param predicted the class that the edge saw in it
 * @param ordinal its place among the uploads
 * @param version update that the edge saw it under, empty for the registered model
 */
public record Unfiltered(Image image, int predicted, long ordinal, String version) {}
