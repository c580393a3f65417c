package io.cema.demo;

/**
 * What crossed the link of one agent in one phase.
 *
 * @param bytesUp MQTT payload bytes of samples
 * @param bytesDown MQTT payload bytes of updates
 */
record PhaseTraffic(long uploadedImages, long bytesUp, long bytesDown) {
    static final PhaseTraffic NONE = new PhaseTraffic(0, 0, 0);

    PhaseTraffic plus(AgentStatus before, AgentStatus after) {
        return new PhaseTraffic(
                uploadedImages + after.uploadedImages() - before.uploadedImages(),
                bytesUp + after.uploadedBytes() - before.uploadedBytes(),
                bytesDown + after.downloadedBytes() - before.downloadedBytes());
    }

    PhaseTraffic plus(PhaseTraffic other) {
        return new PhaseTraffic(
                uploadedImages + other.uploadedImages, bytesUp + other.bytesUp, bytesDown + other.bytesDown);
    }
}
