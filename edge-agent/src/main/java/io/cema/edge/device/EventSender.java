package io.cema.edge.device;

import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * The device's events on their way to the broker: written down first if the disk allows, sent oldest first, forgotten at
 * the PUBACK. Any thread may add; sending happens on the executor given.
 */
final class EventSender {
    private static final Logger LOG = Logger.getLogger(EventSender.class);
    private static final int WINDOW = 16;

    private final DeviceIdentity identity;
    private final MqttLink link;
    private final EventSpool spool;
    private final Executor executor;
    private final Clock clock;
    private final String topic;
    private final AtomicInteger inFlight = new AtomicInteger();

    EventSender(DeviceIdentity identity, MqttLink link, EventSpool spool, Executor executor, Clock clock) {
        this.identity = identity;
        this.link = link;
        this.spool = spool;
        this.executor = executor;
        this.clock = clock;
        this.topic = Topics.device(identity.tenant(), identity.device(), DeviceLeaf.EVENT);
    }

    /** Adds an event; position and time are filled in. */
    void add(DeviceEvent.Builder event) {
        Position position = identity.next();
        event.setGeneration(position.generation())
                .setConnection(position.connection())
                .setSequence(position.sequence())
                .setAtMs(clock.millis());
        spool.add(event.build());
        pump();
    }

    /** Sends what waits; call after each connect. */
    void pump() {
        executor.execute(this::send);
    }

    private void send() {
        if (!link.connected() || inFlight.get() > 0) {
            return;
        }
        var batch = spool.oldest(WINDOW);
        inFlight.set(batch.size());
        for (Map.Entry<String, DeviceEvent> entry : batch) {
            byte[] payload =
                    EnvelopeSealer.unsigned(entry.getValue(), clock.millis()).toByteArray();
            link.publish(OutgoingMessage.of(topic, payload, 1, false))
                    .whenComplete((done, failure) -> executor.execute(() -> sent(entry.getKey(), failure)));
        }
    }

    private void sent(String id, Throwable failure) {
        boolean windowDone = inFlight.decrementAndGet() == 0;
        if (failure != null) {
            // Stays in the spool; the next connect or event sends it again.
            LOG.debugf("event %s did not reach the broker: %s", id, failure.getMessage());
            return;
        }
        spool.remove(id);
        if (windowDone) {
            send();
        }
    }
}
