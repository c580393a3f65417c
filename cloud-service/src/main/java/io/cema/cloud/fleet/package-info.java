/** Devices, cohorts, presence, desired and reported state. Other features ask it who a device is and what it runs. */
package io.cema.cloud.fleet;
