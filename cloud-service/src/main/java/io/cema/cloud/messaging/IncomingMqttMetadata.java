package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.IncomingMessage;
import java.util.Map;
import java.util.Optional;

/**
 * What a channel's message carries besides its payload.
 *
 * @param retained sent because it was retained, at subscription
 */
public record IncomingMqttMetadata(
        String topic,
        int qos,
        boolean retained,
        Map<String, String> userProperties,
        Optional<String> responseTopic,
        Optional<byte[]> correlationData) {
    static IncomingMqttMetadata of(IncomingMessage message) {
        return new IncomingMqttMetadata(
                message.topic(),
                message.qos(),
                message.retained(),
                message.userProperties(),
                message.responseTopic(),
                message.correlationData());
    }
}
