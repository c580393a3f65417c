/**
 * Labelled image sets from disk, and the record files that feed an edge agent. Knows files and pixels, not models;
 * enter through {@link io.cema.bench.image.ImageSet} and {@link io.cema.bench.image.RecordFile}.
 */
package io.cema.bench.image;
