package io.cema.cloud.rollout.health;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of canaries and reference since a rollout began.
 *
 * @param age time since it began
 * @param uploads of both groups, in the order in which they became durable
 * @param canaryDevices how many devices are to run it
 * @param appliedDevices how many of them said they run it, now or once
 * @param failedDevices how many of them refused it, took it back or failed with it
 */
record HealthEvidence(
        Duration age,
        List<Upload> uploads,
        int canaryDevices,
        int appliedDevices,
        int failedDevices,
        Telemetry canary,
        Telemetry reference) {

    /**
     * One uploaded image.
     *
     * @param random drawn past the selection, so that it speaks for all frames
     * @param agrees whether device and teacher see the same class; empty while the teacher has not looked
     * @param certainty 1 - entropy / ln C, in [0, 1]
     */
    record Upload(boolean ofCanary, boolean random, Optional<Boolean> agrees, double certainty) {}

    /**
     * Sums over the devices of a group; each may be missing.
     *
     * @param entropy of the frames since the rollout reached the device
     * @param latency of the frames since then, ms
     * @param latencyBefore of the frames before, ms
     */
    record Telemetry(
            Optional<BucketCounts> entropy, Optional<BucketCounts> latency, Optional<BucketCounts> latencyBefore) {
        static final Telemetry NONE = new Telemetry(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
