package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * One outgoing channel. A message is acked on the broker's acknowledgement and nacked if it did not reach the broker,
 * at once while offline: whoever sends keeps the truth and tries again.
 */
final class MqttSink {
    private static final Logger LOG = Logger.getLogger(MqttSink.class);

    private final OutgoingChannel channel;
    private final MqttLink link;
    private final ChannelMeters.Outgoing meters;

    MqttSink(OutgoingChannel channel, MqttLink link, ChannelMeters.Outgoing meters) {
        this.channel = channel;
        this.link = link;
        this.meters = meters;
    }

    Flow.Subscriber<? extends Message<?>> subscriber() {
        return MultiUtils.<Message<?>, Void>via(
                multi -> multi.onItem().transformToUni(this::publish).merge(channel.maxInflight()));
    }

    private Uni<Void> publish(Message<?> message) {
        return Uni.createFrom()
                .deferred(() -> Uni.createFrom().completionStage(link.publish(outgoing(message))))
                .onItemOrFailure()
                .invoke((done, failure) -> (failure == null ? meters.published() : meters.failed()).increment())
                .onItemOrFailure()
                .transformToUni((done, failure) ->
                        Uni.createFrom().completionStage(failure == null ? message.ack() : message.nack(failure)))
                .onFailure()
                .recoverWithUni(e -> {
                    LOG.debugf(e, "channel %s: message nacked", channel.name());
                    return Uni.createFrom().voidItem();
                });
    }

    private OutgoingMessage outgoing(Message<?> message) {
        if (!(message.getPayload() instanceof byte[] payload)) {
            throw new IllegalArgumentException("channel " + channel.name() + " takes byte[], got "
                    + message.getPayload().getClass().getName());
        }
        OutgoingMqttMetadata metadata = message.getMetadata(OutgoingMqttMetadata.class)
                .orElseGet(() -> OutgoingMqttMetadata.of(
                        channel.topic()
                                .orElseThrow(() -> new IllegalArgumentException("channel " + channel.name()
                                        + " has no topic and the message no OutgoingMqttMetadata")),
                        channel.qos(),
                        channel.retain()));
        return new OutgoingMessage(
                metadata.topic(),
                payload,
                metadata.qos(),
                metadata.retain(),
                metadata.expiry(),
                metadata.userProperties(),
                metadata.responseTopic(),
                metadata.correlationData());
    }

    void readiness(HealthReport.HealthReportBuilder report) {
        if (channel.health()) {
            boolean ready = link.connected();
            report.add(channel.name(), ready, ready ? "connected" : "no connection to the broker");
        }
    }

    void liveness(HealthReport.HealthReportBuilder report) {
        if (channel.health()) {
            report.add(channel.name(), true, "alive");
        }
    }
}
