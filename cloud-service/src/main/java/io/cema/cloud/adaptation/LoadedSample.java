package io.cema.cloud.adaptation;

import io.cema.protocol.image.Image;

/** An upload with its image. */
record LoadedSample(StoredSample stored, Image image) {}
