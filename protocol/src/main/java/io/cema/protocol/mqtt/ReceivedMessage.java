package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One subscriber's view of a message. */
final class ReceivedMessage implements IncomingMessage {
    private final Mqtt5Publish publish;
    private final Runnable acknowledgement;
    private final AtomicBoolean acknowledged = new AtomicBoolean();

    /** @param acknowledgement run once, at the first {@link #acknowledge()} */
    ReceivedMessage(Mqtt5Publish publish, Runnable acknowledgement) {
        this.publish = publish;
        this.acknowledgement = acknowledgement;
    }

    @Override
    public String topic() {
        return publish.getTopic().toString();
    }

    @Override
    public byte[] payload() {
        return publish.getPayloadAsBytes();
    }

    @Override
    public int qos() {
        return publish.getQos().getCode();
    }

    @Override
    public boolean retained() {
        return publish.isRetain();
    }

    @Override
    public Map<String, String> userProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        publish.getUserProperties()
                .asList()
                .forEach(property -> properties.put(
                        property.getName().toString(), property.getValue().toString()));
        return properties;
    }

    @Override
    public Optional<String> responseTopic() {
        return publish.getResponseTopic().map(Object::toString);
    }

    @Override
    public Optional<byte[]> correlationData() {
        return publish.getCorrelationData().map(ReceivedMessage::bytes);
    }

    @Override
    public void acknowledge() {
        if (acknowledged.compareAndSet(false, true)) {
            acknowledgement.run();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
