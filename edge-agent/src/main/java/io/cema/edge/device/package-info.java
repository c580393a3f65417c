/** The device among others: identity, presence, desired and reported state, telemetry, commands. */
package io.cema.edge.device;
