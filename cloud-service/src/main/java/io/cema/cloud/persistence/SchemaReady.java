package io.cema.cloud.persistence;

/** Fired once (CDI, on the migration's thread) when the schema stands and transactions are possible. */
public record SchemaReady() {}
