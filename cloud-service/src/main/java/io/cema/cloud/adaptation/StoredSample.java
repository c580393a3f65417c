package io.cema.cloud.adaptation;

import io.cema.protocol.message.ImageFormat;

/**
 * A durable upload, without its pixels.
 *
 * @param ordinal order of becoming durable
 * @param artefact digest of the image payload
 * @param random drawn at random past the selection
 */
public record StoredSample(long ordinal, String artefact, ImageFormat format, boolean random) {}
