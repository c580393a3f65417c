/**
 * Watches what devices say of their predictions and of what their normalisation layers see, and raises an alarm when it is
 * no longer what it was, with a stated rate of false alarms. Called in the transactions of telemetry and of reports of
 * statistics; knows alarms, and nothing of adaptation.
 */
package io.cema.cloud.drift;
