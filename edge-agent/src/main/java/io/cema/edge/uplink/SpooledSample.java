package io.cema.edge.uplink;

import io.cema.protocol.message.SampleInfo;

/**
 * One image on its way up.
 *
 * @param id ULID, the sample's identity everywhere; its time says when it was spooled
 * @param info what the cloud gets to know of it
 * @param image the encoded image, in the format that {@code info} names; owned by the record
 */
public record SpooledSample(String id, SampleInfo info, byte[] image) {}
