package io.cema.protocol.mqtt;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One MQTT 5 session. Connects in the background and keeps connecting with back-off; no call blocks while offline.
 * All methods may be called from any thread. Handlers run on the link's own threads and must not block.
 */
public interface MqttLink extends AutoCloseable {
    /** Creates a link that is not yet connected. */
    static MqttLink create(MqttLinkSettings settings) {
        throw new UnsupportedOperationException("protocol room");
    }

    /** Starts connecting; returns at once. */
    void start();

    boolean connected();

    /**
     * Publishes. Completes when the broker has it (PUBACK for QoS 1, written for QoS 0); fails at once with {@link
     * MqttLinkException} while offline, so that callers with a spool or an outbox keep the truth there.
     */
    CompletionStage<Void> publish(OutgoingMessage message);

    /**
     * Subscribes now and again after every connect. The handler receives each message of this filter and must see that
     * it is acknowledged. Shared subscriptions ({@code $share/group/filter}) are filters like any other.
     *
     * @return closes the subscription (UNSUBSCRIBE)
     */
    Subscription subscribe(String filter, int qos, Consumer<IncomingMessage> handler);

    /** Called after each successful connect (re-subscription done) and each loss. */
    void listen(LinkListener listener);

    /** Publishes {@code farewell} if connected, then disconnects without the will, and stops. Waits at most seconds. */
    void close(OutgoingMessage farewell);

    @Override
    void close();

    /** A live subscription. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Told of the link's ups and downs, on the link's threads. */
    interface LinkListener {
        default void connected(boolean sessionPresent) {}

        default void disconnected(String reason) {}
    }
}
