package io.cema.demo;

/**
 * One frame as it was seen.
 *
 * @param millis since the agent's own first frame: agents start some moments apart, yet see the same world
 * @param phaseMillis since the agent's first frame of the phase
 */
record Outcome(long millis, long phaseMillis, int phase, boolean right, boolean rightWithout, double latencyMillis) {}
