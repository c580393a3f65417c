/** Samples from MQTT to the durable replay store; acknowledged to the device only when durable or dead-lettered. */
package io.cema.cloud.ingest;
