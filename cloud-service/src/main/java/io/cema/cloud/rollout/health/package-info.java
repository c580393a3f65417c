/**
 * Whether devices that run something new are as well as those that do not: evidence from the database, typed conditions on
 * it, and a sequential test with stated error rates. Knows nothing of models, updates or waves; rollouts enter here.
 */
package io.cema.cloud.rollout.health;
