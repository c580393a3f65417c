/**
 * What a device tells that may send no images: normalisation statistics of frames taken by the clock. Measured beside
 * serving, kept on disk until the broker has them.
 */
package io.cema.edge.statistics;
