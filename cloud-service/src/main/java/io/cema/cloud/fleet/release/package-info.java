/**
 * The agent's own software: its packages, and which device is wished to run which version. Knows nothing of the rest of
 * the fleet; that sends desired states down when asked to by {@link io.cema.cloud.fleet.release.DesiredStateSender}.
 */
package io.cema.cloud.fleet.release;
