package io.cema.protocol.mqtt;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A message to publish.
 *
 * @param qos 0 or 1
 * @param expiry after which the broker drops it undelivered
 */
public record OutgoingMessage(
        String topic,
        byte[] payload,
        int qos,
        boolean retain,
        Optional<Duration> expiry,
        Map<String, String> userProperties,
        Optional<String> responseTopic,
        Optional<byte[]> correlationData) {
    public OutgoingMessage {
        if (qos < 0 || qos > 1) {
            throw new IllegalArgumentException("message to " + topic + ": QoS must be 0 or 1, is " + qos);
        }
        userProperties = Map.copyOf(userProperties);
    }

    public static OutgoingMessage of(String topic, byte[] payload, int qos, boolean retain) {
        return new OutgoingMessage(
                topic, payload, qos, retain, Optional.empty(), Map.of(), Optional.empty(), Optional.empty());
    }

    /** The same with these user properties in place of its own. */
    public OutgoingMessage withUserProperties(Map<String, String> properties) {
        return new OutgoingMessage(topic, payload, qos, retain, expiry, properties, responseTopic, correlationData);
    }
}
