/**
 * Rollouts of models: a cohort moves to another pair in waves, judged by the quality of what the devices answer, and back
 * as a whole if that is worse or cannot be told. Nobody enters; other features see {@code rollout_device} and the events.
 */
package io.cema.cloud.rollout.model;
