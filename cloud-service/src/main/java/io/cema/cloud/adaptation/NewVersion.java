package io.cema.cloud.adaptation;

import java.util.Optional;

/**
 * A judged candidate, ready to be recorded.
 *
 * @param version ULID
 * @param parent version the twin went on from
 * @param step distillation steps behind it
 * @param firstOrdinal first sample that taught it, 0 if none
 * @param lastOrdinal last sample that taught it, 0 if none
 * @param samples how many taught it since the parent
 * @param affine AffineCodec bytes, a difference to the model's own; absent if it could not be encoded
 * @param reason of the verdict
 * @param metrics JSON object
 */
public record NewVersion(
        String version,
        Optional<String> parent,
        long step,
        long firstOrdinal,
        long lastOrdinal,
        long samples,
        String teacherDigest,
        Optional<byte[]> affine,
        String reason,
        String metrics) {}
