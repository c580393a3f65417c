package io.cema.cloud.fleet;

import java.time.Instant;

/** What a device did with a model or an update, as it told. */
public record DeviceEventView(
        long id,
        String device,
        String type,
        String subject,
        String modelDigest,
        String version,
        long epoch,
        long revision,
        String reason,
        double durationMillis,
        Instant receivedAt) {}
