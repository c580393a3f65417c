package io.cema.cloud.drift;

/**
 * How it was.
 *
 * @param centre mean of the observations it was learnt from
 * @param batch scores that are averaged to one, because observations next to each other are alike
 * @param fewestFrames in one of the observations: later ones have as many at least, so that no noise comes of fewer
 */
record Reference(double[] centre, int batch, long fewestFrames) {}
