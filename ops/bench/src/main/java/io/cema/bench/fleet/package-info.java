/**
 * A fleet of thousands of simulated devices against the real broker, database and cloud service on one machine: how long
 * things take to reach the last device, what the parts hold and use, and where ingest ends.
 */
package io.cema.bench.fleet;
