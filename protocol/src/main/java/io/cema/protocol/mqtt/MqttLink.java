package io.cema.protocol.mqtt;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One MQTT 5 session. Connects in the background and keeps connecting with back-off; no call blocks while offline.
 * All methods may be called from any thread. Handlers run on the link's own threads and must not block.
 */
public interface MqttLink extends AutoCloseable {
    /**
     * Creates a link that is not yet connected. Subscribe before {@link #start()} where you can: what the broker's session
     * holds for a subscription nobody made here within ten seconds is dropped with a warning.
     *
     * @throws IllegalArgumentException if a TLS file is missing or wrong
     */
    static MqttLink create(MqttLinkSettings settings) {
        return new HiveMqttLink(settings, LinkTasks.ofOwnThread("mqtt-link-" + settings.clientId()));
    }

    /**
     * The same without a thread of its own.
     *
     * @param shared run the link's tasks, its handlers among them; outlive it
     */
    static MqttLink create(MqttLinkSettings settings, MqttThreads shared) {
        return new HiveMqttLink(settings, LinkTasks.on(shared));
    }

    /** Starts connecting; returns at once. */
    void start();

    boolean connected();

    /**
     * Publishes. Completes when the broker has it (PUBACK for QoS 1, written for QoS 0); fails at once with {@link
     * MqttLinkException} while offline, when the connection is lost first, or when 1024 are under way, so that callers
     * with a spool or an outbox keep the truth there.
     *
     * @throws IllegalArgumentException if the topic cannot be published to
     */
    CompletionStage<Void> publish(OutgoingMessage message);

    /**
     * Subscribes now and again after every connect. The handler receives each message of this filter and must see that
     * it is acknowledged. Shared subscriptions ({@code $share/group/filter}) are filters like any other. PUBACKs go out in
     * the order of arrival: one message held back holds up those behind it. A message that matches several filters of
     * this link goes to each handler, and is acknowledged when all of them did.
     *
     * @return closes the subscription (UNSUBSCRIBE)
     */
    Subscription subscribe(String filter, int qos, Consumer<IncomingMessage> handler);

    /**
     * Called after each successful connect (re-subscription done) and each loss; at once if the link is connected now.
     */
    void listen(LinkListener listener);

    /**
     * Publishes {@code farewell} if connected, then disconnects without the will, and stops. Waits at most five seconds.
     */
    void close(OutgoingMessage farewell);

    @Override
    void close();

    /** A live subscription. */
    interface Subscription extends AutoCloseable {
        /**
         * Completes when the broker granted it for the first time. Fails with {@link MqttLinkException} if the broker
         * refused it, or if it or the link was closed before. Until then, and while offline, it is simply not complete.
         */
        CompletionStage<Void> established();

        @Override
        void close();
    }

    /** Told of the link's ups and downs, on the link's threads. */
    interface LinkListener {
        default void connected(boolean sessionPresent) {}

        default void disconnected(String reason) {}

        /** The broker does not allow this subscription; it is tried again at the next connect. */
        default void subscriptionRefused(String filter, String reason) {}
    }
}
