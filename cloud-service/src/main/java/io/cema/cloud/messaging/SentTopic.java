package io.cema.cloud.messaging;

import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Under which MQTT topic a device sent a message, whichever way it came: what the session vouched for goes with the record. */
public final class SentTopic {
    private static final String HEADER = "mqtt-topic";

    private SentTopic() {}

    /** Empty text if it says none. */
    public static String of(Message<?> message) {
        return message.getMetadata(IncomingMqttMetadata.class)
                .map(IncomingMqttMetadata::topic)
                .or(() -> message.getMetadata(IncomingKafkaRecordMetadata.class)
                        .flatMap(record -> in(record.getHeaders())))
                .orElse("");
    }

    /** The headers of a record that carries such a message. */
    public static Headers headers(String topic) {
        return new RecordHeaders().add(HEADER, topic.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> in(Headers headers) {
        return Optional.ofNullable(headers.lastHeader(HEADER))
                .map(header -> new String(header.value(), StandardCharsets.UTF_8));
    }
}
