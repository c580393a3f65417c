package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserPropertiesBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5WillPublish;
import java.time.Duration;

/** From the link's messages to the client's. */
final class MqttMessages {
    private MqttMessages() {}

    /** @throws IllegalArgumentException if a topic is not one that can be published to */
    static Mqtt5Publish publish(OutgoingMessage message) {
        Mqtt5PublishBuilder.Complete builder = Mqtt5Publish.builder()
                .topic(message.topic())
                .payload(message.payload())
                .qos(qos(message.qos()))
                .retain(message.retain())
                .userProperties(userProperties(message));
        message.expiry().ifPresent(expiry -> builder.messageExpiryInterval(seconds(expiry)));
        message.responseTopic().ifPresent(builder::responseTopic);
        message.correlationData().ifPresent(builder::correlationData);
        return builder.build();
    }

    static Mqtt5WillPublish will(OutgoingMessage message, Duration delay) {
        return Mqtt5WillPublish.builder()
                .topic(message.topic())
                .payload(message.payload())
                .qos(qos(message.qos()))
                .retain(message.retain())
                .userProperties(userProperties(message))
                .delayInterval(seconds(delay))
                .build();
    }

    static MqttQos qos(int qos) {
        return qos == 0 ? MqttQos.AT_MOST_ONCE : MqttQos.AT_LEAST_ONCE;
    }

    /** MQTT's unit; parts of a second count as one, so that a short expiry does not become none. */
    static long seconds(Duration duration) {
        return duration.plusNanos(999_999_999).toSeconds();
    }

    private static Mqtt5UserProperties userProperties(OutgoingMessage message) {
        Mqtt5UserPropertiesBuilder builder = Mqtt5UserProperties.builder();
        message.userProperties().forEach(builder::add);
        return builder.build();
    }
}
