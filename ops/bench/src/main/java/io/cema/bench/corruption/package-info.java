/**
 * Image corruptions for evaluation and demo: fourteen kinds at severities 1 to 5, deterministic for a seed, at any
 * image size. Everyone enters through {@link io.cema.bench.corruption.Corruption}; it knows pixels, not models.
 */
package io.cema.bench.corruption;
