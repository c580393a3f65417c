package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Gives each message to the subscriptions whose filter it matches. What arrives before its subscription was made (the
 * broker's session knows it from an earlier run) waits for it, unacknowledged. Confined to the link thread.
 */
final class Dispatcher {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);

    /** A subscription as the user made it, and the connection it was last sent on. */
    static final class Entry {
        final MqttTopicFilter filter;
        final int qos;
        final Consumer<IncomingMessage> handler;
        final CompletableFuture<Void> established = new CompletableFuture<>();
        Connection sentOn;

        Entry(MqttTopicFilter filter, int qos, Consumer<IncomingMessage> handler) {
            this.filter = filter;
            this.qos = qos;
            this.handler = handler;
        }
    }

    private final String link;
    private final List<Entry> entries = new ArrayList<>();
    private final Deque<Mqtt5Publish> unclaimed = new ArrayDeque<>();

    Dispatcher(String link) {
        this.link = link;
    }

    List<Entry> entries() {
        return entries;
    }

    void add(Entry entry) {
        entries.add(entry);
        List<Mqtt5Publish> claimed = unclaimed.stream()
                .filter(publish -> entry.filter.matches(publish.getTopic()))
                .toList();
        unclaimed.removeAll(claimed);
        claimed.forEach(this::dispatch);
    }

    /** @return true if no other subscription has this filter */
    boolean remove(Entry entry) {
        entries.remove(entry);
        return entries.stream().noneMatch(other -> other.filter.equals(entry.filter));
    }

    void dispatch(Mqtt5Publish publish) {
        List<Entry> matching = entries.stream()
                .filter(entry -> entry.filter.matches(publish.getTopic()))
                .toList();
        if (matching.isEmpty()) {
            if (publish.getQos() != MqttQos.AT_MOST_ONCE) {
                unclaimed.add(publish);
            }
            return;
        }
        AtomicInteger missing = new AtomicInteger(matching.size());
        Runnable acknowledgement = () -> {
            if (missing.decrementAndGet() == 0) {
                acknowledge(publish);
            }
        };
        for (Entry entry : matching) {
            try {
                entry.handler.accept(new ReceivedMessage(publish, acknowledgement));
            } catch (RuntimeException e) {
                LOG.errorf(
                        e,
                        "%s: the handler of %s failed on a message of %s; unless it acknowledged it, the broker delivers"
                                + " it again after the next connect",
                        link,
                        entry.filter,
                        publish.getTopic());
            }
        }
    }

    /** Lets go of what nobody subscribed to: acknowledgements go in order, so it would hold up all others. */
    void dropUnclaimed() {
        while (!unclaimed.isEmpty()) {
            Mqtt5Publish publish = unclaimed.poll();
            LOG.warnf(
                    "%s: dropped a message of %s, which nobody here subscribes to; the broker's session still knows an"
                            + " older subscription",
                    link, publish.getTopic());
            acknowledge(publish);
        }
    }

    /** Forgets what came on a lost connection; the broker delivers it again. */
    void forgetUnclaimed() {
        unclaimed.clear();
    }

    boolean hasUnclaimed() {
        return !unclaimed.isEmpty();
    }

    private static void acknowledge(Mqtt5Publish publish) {
        if (publish.getQos() != MqttQos.AT_MOST_ONCE) {
            publish.acknowledge();
        }
    }
}
