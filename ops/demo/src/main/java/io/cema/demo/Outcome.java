package io.cema.demo;

/**
 * One frame as it was seen.
 *
 * @param millis since the first frame of the stream
 */
record Outcome(long millis, int phase, boolean right, boolean rightWithout, double latencyMillis) {}
