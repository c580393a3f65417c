package io.cema.edge.device;

import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The update topic of one slot: subscribed while there is one, its messages handed over in bursts. A broker may hear of the
 * slot after the device: until then it refuses the subscription, or grants it and delivers nothing. So one on which
 * nothing came since the last connect is made anew, ever more seldom.
 */
final class SlotUpdates {
    private static final Logger LOG = Logger.getLogger(SlotUpdates.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);

    private final MqttLink link;
    private final ScheduledExecutorService thread;
    private final BiConsumer<String, List<byte[]>> process;
    private final LongSupplier nanoTime;
    private String topic = "";
    private Optional<MqttLink.Subscription> subscription = Optional.empty();
    private volatile boolean heard;
    private Duration pause = FIRST_PAUSE;
    private long subscribedAt;

    /**
     * @param process gets the topic and what came on it, oldest first; runs on the thread
     * @param nanoTime as {@link System#nanoTime}
     */
    SlotUpdates(
            MqttLink link,
            ScheduledExecutorService thread,
            BiConsumer<String, List<byte[]>> process,
            LongSupplier nanoTime) {
        this.link = link;
        this.thread = thread;
        this.process = process;
        this.nanoTime = nanoTime;
    }

    /** From now on updates come from there; from nowhere if it is empty. */
    synchronized void follow(String next) {
        if (next.equals(topic)) {
            return;
        }
        topic = next;
        pause = FIRST_PAUSE;
        subscribe();
    }

    /** To be called about once a second: makes a subscription on which nothing comes anew. */
    synchronized void renew() {
        if (!link.connected()) {
            heard = false;
            pause = FIRST_PAUSE;
            subscribedAt = nanoTime.getAsLong();
        } else if (!heard && subscription.isPresent() && nanoTime.getAsLong() - subscribedAt >= pause.toNanos()) {
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            subscribe();
        }
    }

    private void subscribe() {
        subscription.ifPresent(MqttLink.Subscription::close);
        subscription = Optional.empty();
        heard = false;
        subscribedAt = nanoTime.getAsLong();
        String followed = topic;
        if (!followed.isEmpty() && !thread.isShutdown()) {
            Burst updates = new Burst(thread, payloads -> {
                if (followed.equals(followed())) {
                    process.accept(followed, payloads);
                }
            });
            subscription = Optional.of(link.subscribe(followed, 1, message -> take(message, updates)));
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
        heard = true;
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
