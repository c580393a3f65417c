package io.cema.edge.device;

import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/** The update topic of one slot: subscribed while there is one, its messages handed over in bursts. */
final class SlotUpdates {
    private static final Logger LOG = Logger.getLogger(SlotUpdates.class);

    private final MqttLink link;
    private final ScheduledExecutorService thread;
    private final BiConsumer<String, List<byte[]>> process;
    private String topic = "";
    private Optional<MqttLink.Subscription> subscription = Optional.empty();

    /** @param process gets the topic and what came on it, oldest first; runs on the thread */
    SlotUpdates(MqttLink link, ScheduledExecutorService thread, BiConsumer<String, List<byte[]>> process) {
        this.link = link;
        this.thread = thread;
        this.process = process;
    }

    /** From now on updates come from there; from nowhere if it is empty. */
    synchronized void follow(String next) {
        if (next.equals(topic)) {
            return;
        }
        subscription.ifPresent(MqttLink.Subscription::close);
        subscription = Optional.empty();
        topic = next;
        if (!next.isEmpty() && !thread.isShutdown()) {
            Burst updates = new Burst(thread, payloads -> {
                if (next.equals(followed())) {
                    process.accept(next, payloads);
                }
            });
            subscription = Optional.of(link.subscribe(next, 1, message -> take(message, updates)));
        }
    }

    void close() {
        follow("");
    }

    private synchronized String followed() {
        return topic;
    }

    private void take(IncomingMessage message, Burst updates) {
        // Retained, so it comes again with every connect: see SlotController.
        message.acknowledge();
        byte[] payload = message.payload();
        if (payload.length > 0) {
            try {
                thread.execute(() -> updates.add(payload));
            } catch (RejectedExecutionException e) {
                LOG.debugf("closing: %s", e.getMessage());
            }
        }
    }
}
