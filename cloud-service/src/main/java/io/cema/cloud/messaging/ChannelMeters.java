package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.MqttLink;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** What goes through the channels and how the broker is reached, for the metrics endpoint. Any thread. */
@ApplicationScoped
class ChannelMeters {
    private static final String CHANNEL = "channel";

    private final MeterRegistry registry;

    ChannelMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Of one channel that takes messages in. */
    record Incoming(Counter received, Counter dropped, Counter rejected) {}

    /** Of one channel that sends messages out. */
    record Outgoing(Counter published, Counter failed) {}

    Incoming incoming(String channel) {
        return new Incoming(
                counter(
                        "cema.mqtt.received.messages",
                        "Messages that came from the broker, repeated ones included",
                        channel),
                counter(
                        "cema.mqtt.dropped.messages",
                        "Messages of QoS 0 dropped because processing is slower",
                        channel),
                counter(
                        "cema.mqtt.rejected.messages",
                        "Messages that could not be processed; dead letters, mostly",
                        channel));
    }

    Outgoing outgoing(String channel) {
        return new Outgoing(
                counter("cema.mqtt.published.messages", "Messages the broker has taken", channel),
                counter("cema.mqtt.failed.messages", "Messages that did not reach the broker; sent again", channel));
    }

    /** @param link must outlive the registry's use of it */
    void watch(String clientId, MqttLink link) {
        Gauge.builder("cema.mqtt.connected", link, l -> l.connected() ? 1 : 0)
                .description("1 while the session is connected to the broker")
                .tag("client", clientId)
                .register(registry);
    }

    private Counter counter(String name, String description, String channel) {
        return Counter.builder(name)
                .description(description)
                .tag(CHANNEL, channel)
                .register(registry);
    }
}
