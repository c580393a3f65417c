package io.cema.cloud.ingest;

/**
 * Fired (CDI, synchronously, on ingest's thread; observers must return at once) after new samples of a loop became
 * durable. A hint only: it may be lost with the process, so observers look into the table {@code sample} at start.
 *
 * @param modelDigest the edge model that predicted, 64 hex
 * @param count new samples, duplicates not counted
 */
public record SamplesArrived(String tenant, String cohort, String modelDigest, int count) {}
