/**
 * Labels of devices and the selectors over them: parsed once, answered in Java for one device and in SQL for the fleet.
 * Everybody who picks devices by their labels comes here.
 */
package io.cema.cloud.fleet.label;
