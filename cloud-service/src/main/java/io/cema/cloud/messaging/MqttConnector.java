package io.cema.cloud.messaging;

import io.smallrye.reactive.messaging.annotations.ConnectorAttribute;
import io.smallrye.reactive.messaging.annotations.ConnectorAttribute.Direction;
import io.smallrye.reactive.messaging.connector.InboundConnector;
import io.smallrye.reactive.messaging.connector.OutboundConnector;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.health.HealthReporter;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/**
 * MQTT 5 channels: a thin adapter over {@link io.cema.protocol.mqtt.MqttLink}. Channels of the same host, port and
 * client id share one session. A message's ack is the MQTT acknowledgement and goes out when processing is done; a nack
 * goes to the failure strategy. Nothing connects before the channels are wired.
 */
@ApplicationScoped
@Connector(MqttConnector.NAME)
@ConnectorAttribute(
        name = "host",
        type = "string",
        direction = Direction.INCOMING_AND_OUTGOING,
        mandatory = true,
        description = "Broker's host name or address")
@ConnectorAttribute(
        name = "port",
        type = "int",
        direction = Direction.INCOMING_AND_OUTGOING,
        defaultValue = "1883",
        description = "Broker's port")
@ConnectorAttribute(
        name = "client-id",
        type = "string",
        direction = Direction.INCOMING_AND_OUTGOING,
        mandatory = true,
        description = "Stable identity of the session; channels with the same one share the session. Acknowledgements"
                + " go out in order per session, so a slow channel wants one of its own")
@ConnectorAttribute(
        name = "session-expiry",
        type = "string",
        direction = Direction.INCOMING_AND_OUTGOING,
        defaultValue = "PT72H",
        description = "How long the broker keeps the session after a loss (ISO 8601)")
@ConnectorAttribute(
        name = "receive-maximum",
        type = "int",
        direction = Direction.INCOMING_AND_OUTGOING,
        defaultValue = "64",
        description = "Messages of QoS 1 the broker may have outstanding to this session: the back-pressure")
@ConnectorAttribute(
        name = "qos",
        type = "int",
        direction = Direction.INCOMING_AND_OUTGOING,
        defaultValue = "1",
        description = "Quality of service 0 or 1: of the subscription, or of messages whose metadata does not say")
@ConnectorAttribute(
        name = "filter",
        type = "string",
        direction = Direction.INCOMING,
        mandatory = true,
        description = "Topic filter to subscribe to")
@ConnectorAttribute(
        name = "shared-group",
        type = "string",
        direction = Direction.INCOMING,
        description = "If set, a shared subscription: the members of the group divide the messages. Such a"
                + " subscription gets no retained messages")
@ConnectorAttribute(
        name = "buffer-size",
        type = "int",
        direction = Direction.INCOMING,
        defaultValue = "1024",
        description = "Messages of QoS 0 that may wait for processing; the newest beyond it are dropped and counted")
@ConnectorAttribute(
        name = "failure-strategy",
        type = "string",
        direction = Direction.INCOMING,
        defaultValue = "dead-letter",
        description = "What a nack does: 'dead-letter' stores the message with its reason and acknowledges it, 'fail'"
                + " leaves it unacknowledged and reports the channel as not alive; or the @Identifier of a"
                + " MqttFailureHandler bean")
@ConnectorAttribute(
        name = "topic",
        type = "string",
        direction = Direction.OUTGOING,
        description = "Topic of messages that carry no OutgoingMqttMetadata")
@ConnectorAttribute(
        name = "retain",
        type = "boolean",
        direction = Direction.OUTGOING,
        defaultValue = "false",
        description = "Whether messages that carry no OutgoingMqttMetadata are retained")
@ConnectorAttribute(
        name = "max-inflight",
        type = "int",
        direction = Direction.OUTGOING,
        defaultValue = "32",
        description = "Messages that may wait for the broker's acknowledgement at the same time")
@ConnectorAttribute(
        name = "health-enabled",
        type = "boolean",
        direction = Direction.INCOMING_AND_OUTGOING,
        defaultValue = "true",
        description = "Whether the channel takes part in liveness and readiness")
public class MqttConnector implements InboundConnector, OutboundConnector, HealthReporter {
    public static final String NAME = "cema-mqtt";

    private final MqttLinks links;
    private final MqttFailureHandlers failureHandlers;
    private final ChannelMeters meters;
    private final Vertx vertx;
    private final List<MqttSource> sources = new CopyOnWriteArrayList<>();
    private final List<MqttSink> sinks = new CopyOnWriteArrayList<>();

    MqttConnector(MqttLinks links, MqttFailureHandlers failureHandlers, ChannelMeters meters, Vertx vertx) {
        this.links = links;
        this.failureHandlers = failureHandlers;
        this.meters = meters;
        this.vertx = vertx;
    }

    @Override
    public Flow.Publisher<? extends Message<?>> getPublisher(Config config) {
        IncomingChannel channel = IncomingChannel.of(config);
        MqttSource source = new MqttSource(
                channel,
                links.of(channel.session()),
                failureHandlers.named(channel.failureStrategy()),
                meters.incoming(channel.name()),
                vertx);
        sources.add(source);
        return source.messages();
    }

    @Override
    public Flow.Subscriber<? extends Message<?>> getSubscriber(Config config) {
        OutgoingChannel channel = OutgoingChannel.of(config);
        MqttSink sink = new MqttSink(channel, links.of(channel.session()), meters.outgoing(channel.name()));
        sinks.add(sink);
        return sink.subscriber();
    }

    @Override
    public HealthReport getReadiness() {
        HealthReport.HealthReportBuilder report = HealthReport.builder();
        sources.forEach(source -> source.readiness(report));
        sinks.forEach(sink -> sink.readiness(report));
        return report.build();
    }

    @Override
    public HealthReport getLiveness() {
        HealthReport.HealthReportBuilder report = HealthReport.builder();
        sources.forEach(source -> source.liveness(report));
        sinks.forEach(sink -> sink.liveness(report));
        return report.build();
    }

    @Override
    public HealthReport getStartup() {
        return getLiveness();
    }
}
