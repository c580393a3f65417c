package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * One incoming channel. What waits for processing is bounded: by the session's Receive Maximum for QoS 1 (the broker
 * stops while we have not acknowledged), by the buffer size for QoS 0 (the newest are dropped).
 */
final class MqttSource {
    private static final Logger LOG = Logger.getLogger(MqttSource.class);

    private final IncomingChannel channel;
    private final MqttLink link;
    private final MqttFailureHandler failureHandler;
    private final ChannelMeters.Incoming meters;
    private final Context context;
    private final AtomicInteger waitingUnacknowledgeable = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private volatile Throwable failure;
    private volatile boolean subscribed;

    MqttSource(
            IncomingChannel channel,
            MqttLink link,
            MqttFailureHandler failureHandler,
            ChannelMeters.Incoming meters,
            Vertx vertx) {
        this.channel = channel;
        this.link = link;
        this.failureHandler = failureHandler;
        this.meters = meters;
        this.context = vertx.getOrCreateContext();
    }

    /** Subscribes to the filter when it is subscribed to; messages arrive on one Vert.x event loop. */
    Multi<? extends Message<?>> messages() {
        return Multi.createFrom()
                .<IncomingMessage>emitter(this::subscribe, BackPressureStrategy.BUFFER)
                .emitOn(task -> context.runOnContext(ignored -> task.run()))
                .map(this::message);
    }

    private void subscribe(MultiEmitter<? super IncomingMessage> emitter) {
        MqttLink.Subscription subscription =
                link.subscribe(channel.filter(), channel.qos(), message -> offer(message, emitter));
        subscription.established().whenComplete((granted, refusal) -> {
            subscribed = refusal == null;
            failure = refusal;
        });
        emitter.onTermination(() -> {
            subscribed = false;
            subscription.close();
        });
    }

    private void offer(IncomingMessage message, MultiEmitter<? super IncomingMessage> emitter) {
        meters.received().increment();
        if (message.qos() == 0 && waitingUnacknowledgeable.incrementAndGet() > channel.bufferSize()) {
            waitingUnacknowledgeable.decrementAndGet();
            meters.dropped().increment();
            long count = dropped.incrementAndGet();
            if (Long.bitCount(count) == 1) {
                LOG.warnf(
                        "channel %s: %d messages of QoS 0 dropped so far, processing is slower than they come",
                        channel.name(), count);
            }
            return;
        }
        emitter.emit(message);
    }

    private IncomingMqttMessage message(IncomingMessage message) {
        return new IncomingMqttMessage(message, this::processed, this::failed);
    }

    private void processed(IncomingMessage message) {
        if (message.qos() == 0) {
            waitingUnacknowledgeable.decrementAndGet();
        }
        message.acknowledge();
    }

    private Uni<Void> failed(IncomingMessage message, Throwable reason) {
        meters.rejected().increment();
        return failureHandler
                .handle(channel.name(), message, reason)
                .invoke(() -> processed(message))
                .onFailure()
                .invoke(e -> failure = e);
    }

    void readiness(HealthReport.HealthReportBuilder report) {
        if (channel.health()) {
            boolean ready = subscribed && link.connected();
            report.add(channel.name(), ready, ready ? "connected" : "no connection to the broker");
        }
    }

    void liveness(HealthReport.HealthReportBuilder report) {
        if (channel.health()) {
            Throwable problem = failure;
            report.add(channel.name(), problem == null, problem == null ? "alive" : String.valueOf(problem));
        }
    }
}
