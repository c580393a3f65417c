package io.cema.cloud.model;

/**
 * What identifies stored bytes.
 *
 * @param digest SHA-256, 64 lower-case hex digits
 * @param size in bytes
 */
public record Artefact(String digest, long size) {}
