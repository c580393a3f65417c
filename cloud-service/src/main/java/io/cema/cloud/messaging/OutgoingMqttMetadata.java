package io.cema.cloud.messaging;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where and how a channel's message is published.
 *
 * @param qos 0 or 1
 * @param expiry after which the broker drops it undelivered
 */
public record OutgoingMqttMetadata(
        String topic,
        int qos,
        boolean retain,
        Optional<Duration> expiry,
        Map<String, String> userProperties,
        Optional<String> responseTopic,
        Optional<byte[]> correlationData) {
    public static OutgoingMqttMetadata of(String topic, int qos, boolean retain) {
        return new OutgoingMqttMetadata(
                topic, qos, retain, Optional.empty(), Map.of(), Optional.empty(), Optional.empty());
    }

    public OutgoingMqttMetadata withExpiry(Duration duration) {
        return new OutgoingMqttMetadata(
                topic, qos, retain, Optional.of(duration), userProperties, responseTopic, correlationData);
    }

    OutgoingMqttMetadata withAnswer(String response, byte[] correlation) {
        return new OutgoingMqttMetadata(
                topic, qos, retain, expiry, userProperties, Optional.of(response), Optional.of(correlation));
    }
}
