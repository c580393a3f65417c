package io.cema.cloud.rollout.model;

/**
 * What a condition says of the evidence. A condition that cannot be told is not met.
 *
 * @param text for people, with the numbers
 */
record Finding(boolean met, String text) {}
