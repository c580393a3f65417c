package io.cema.protocol.mqtt;

import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAck;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.unsubscribe.Mqtt5Unsubscribe;
import io.cema.protocol.mqtt.Dispatcher.Entry;
import io.cema.protocol.signature.EnvelopeOpener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * {@link MqttLink} over HiveMQ's client. One link thread owns subscriptions, listeners and the course of connections, and
 * runs the handlers; the client's own threads only hand tasks over to it. The client's automatic reconnect is not used:
 * it would send the will of the first CONNECT again.
 */
final class HiveMqttLink implements MqttLink {
    private static final Logger LOG = Logger.getLogger(HiveMqttLink.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration UNCLAIMED_PATIENCE = Duration.ofSeconds(10);
    private static final Duration FAREWELL_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration DISCONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration STABLE = Duration.ofSeconds(10);

    /** Silence after which shared subscriptions are sent again, and what its doubling ends at. */
    private static final Duration SHARED_SILENCE = Duration.ofSeconds(1);

    private static final Duration LONGEST_SHARED_SILENCE = Duration.ofSeconds(30);
    /** The client keeps a few bytes of each SUBSCRIBE until the connection ends; then a new one is due. */
    private static final int MAX_RENEWALS = 10_000;

    /** Above an envelope's limit, so that what is too large arrives, can be refused by name, and is not sent again. */
    private static final int MAX_PACKET_BYTES = 4 * EnvelopeOpener.MAX_BYTES;

    /** QoS 0 messages that may wait for the link thread; QoS 1 is bounded by the receive maximum. */
    private static final int MAX_WAITING_QOS_0 = 10_000;

    private final MqttLinkSettings settings;
    private final String name;
    private final LinkTasks tasks;
    private final Backoff backoff;
    private final Dispatcher dispatcher;
    private final List<LinkListener> listeners = new ArrayList<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger waitingQos0 = new AtomicInteger();

    /** The connection publishes go to; null while offline. */
    private volatile Connection online;

    /** The connection that is up or coming up; written by the link thread only. */
    private volatile Connection current;

    HiveMqttLink(MqttLinkSettings settings, LinkTasks tasks) {
        settings.tls().ifPresent(MqttTls::load); // a wrong file is said now, not in a log later
        this.settings = settings;
        this.name = "mqtt " + settings.clientId() + "@" + settings.host() + ":" + settings.port();
        this.dispatcher = new Dispatcher(name);
        this.backoff = new Backoff(settings.minReconnectDelay(), settings.maxReconnectDelay(), new SplittableRandom());
        this.tasks = tasks;
    }

    @Override
    public void start() {
        if (closed.get()) {
            throw new MqttLinkException(name + " is closed");
        }
        if (started.compareAndSet(false, true)) {
            onLink(this::connect);
        }
    }

    @Override
    public boolean connected() {
        return online != null;
    }

    @Override
    public CompletionStage<Void> publish(OutgoingMessage message) {
        Mqtt5Publish publish = MqttMessages.publish(message);
        Connection connection = online;
        return connection == null
                ? CompletableFuture.failedFuture(
                        new MqttLinkException(name + " is offline; publish to " + message.topic() + " was not sent"))
                : connection.publish(publish);
    }

    @Override
    public Subscription subscribe(String filter, int qos, Consumer<IncomingMessage> handler) {
        if (qos < 0 || qos > 1) {
            throw new IllegalArgumentException("subscription to " + filter + ": QoS must be 0 or 1, is " + qos);
        }
        Entry entry = new Entry(MqttTopicFilter.of(filter), qos, handler);
        boolean open = onLink(() -> {
            dispatcher.add(entry);
            Connection connection = current;
            if (connection != null && connection.accepted) {
                subscribeMissing(connection);
            }
        });
        if (!open) {
            neverEstablished(entry);
        }
        return new Subscription() {
            @Override
            public CompletionStage<Void> established() {
                return entry.established;
            }

            @Override
            public void close() {
                onLink(() -> unsubscribe(entry));
            }
        };
    }

    @Override
    public void listen(LinkListener listener) {
        onLink(() -> {
            listeners.add(listener);
            Connection connection = online;
            if (connection != null) {
                tell(List.of(listener), l -> l.connected(connection.sessionPresent));
            }
        });
    }

    @Override
    public void close() {
        close(null);
    }

    @Override
    public void close(OutgoingMessage farewell) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Connection connection = online;
        if (connection != null && farewell != null) {
            await("farewell", connection.publish(MqttMessages.publish(farewell)), FAREWELL_TIMEOUT);
        }
        online = null;
        Connection last = current;
        // One that is still connecting disconnects by itself once it is through: see connect().
        if (last != null && last.accepted) {
            await("disconnect", last.client().disconnect(), DISCONNECT_TIMEOUT);
            last.lose("the link was closed");
        }
        onLink(() -> {
            dispatcher.entries().forEach(HiveMqttLink::neverEstablished);
            tasks.shutdown();
        });
    }

    private void await(String what, CompletableFuture<?> future, Duration timeout) {
        try {
            future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            LOG.warnf("%s: %s failed: %s", name, what, reason(e.getCause()));
        } catch (TimeoutException e) {
            LOG.warnf("%s: no answer to the %s within %s", name, what, timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void connect() {
        if (closed.get()) {
            return;
        }
        Connection connection = new Connection();
        current = connection;
        try {
            Mqtt5Connect message = connectMessage();
            Mqtt5AsyncClient client = client(connection);
            connection.client(client);
            client.publishes(MqttGlobalPublishFilter.ALL, publish -> arrived(connection, publish), true);
            client.connect(message).whenComplete((ack, failure) -> {
                if (failure != null) {
                    onLink(() -> lost(connection, reason(failure)));
                } else if (!onLink(() -> accepted(connection, ack.isSessionPresent()))) {
                    client.disconnect(); // closed while connecting
                }
            });
        } catch (RuntimeException e) { // the will's supplier, or a certificate that is being replaced
            lost(connection, "CONNECT could not be built: " + e);
        }
    }

    private Mqtt5Connect connectMessage() {
        Mqtt5ConnectBuilder builder = Mqtt5Connect.builder()
                .cleanStart(settings.cleanStart())
                .sessionExpiryInterval(MqttMessages.seconds(settings.sessionExpiry()))
                .keepAlive((int) settings.keepAlive().toSeconds())
                .restrictions()
                .receiveMaximum(settings.receiveMaximum())
                .maximumPacketSize(MAX_PACKET_BYTES)
                .applyRestrictions();
        settings.will().ifPresent(will -> builder.willPublish(MqttMessages.will(will.get(), settings.willDelay())));
        return builder.build();
    }

    private Mqtt5AsyncClient client(Connection connection) {
        MqttClientTransportConfigBuilder transport = MqttClientTransportConfig.builder()
                .serverHost(settings.host())
                .serverPort(settings.port())
                .socketConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        settings.tls().ifPresent(tls -> transport.sslConfig(MqttTls.load(tls)));
        return Mqtt5Client.builder()
                .identifier(settings.clientId())
                .transportConfig(transport.build())
                .addDisconnectedListener(context -> {
                    String reason = reason(context.getCause());
                    onLink(() -> lost(connection, reason));
                })
                .buildAsync();
    }

    private void accepted(Connection connection, boolean sessionPresent) {
        if (connection.lost()) {
            return;
        }
        if (closed.get()) {
            connection.client().disconnect();
            return;
        }
        connection.accepted = true;
        connection.sessionPresent = sessionPresent;
        if (!subscribeMissing(connection)) {
            ready(connection);
            return;
        }
        after(SUBSCRIBE_TIMEOUT, () -> {
            if (!connection.ready && !connection.lost()) {
                connection.client().disconnect();
                lost(connection, "no answer to SUBSCRIBE within " + SUBSCRIBE_TIMEOUT);
            }
        });
    }

    private void ready(Connection connection) {
        if (connection.lost() || connection.ready || closed.get()) {
            return;
        }
        connection.ready = true;
        connection.readyNanos = System.nanoTime();
        online = connection;
        LOG.infof("%s: connected, session %s", name, connection.sessionPresent ? "resumed" : "new");
        tell(listeners, listener -> listener.connected(connection.sessionPresent));
    }

    private void lost(Connection connection, String reason) {
        if (!connection.lose(reason)) {
            return;
        }
        current = null;
        online = null;
        dispatcher.forgetUnclaimed();
        if (closed.get()) {
            return;
        }
        if (connection.ready && System.nanoTime() - connection.readyNanos > STABLE.toNanos()) {
            backoff.reset();
        }
        Duration delay = backoff.next();
        // A fleet manager's log should tell of an outage, not of every attempt in it.
        LOG.logf(
                Integer.bitCount(backoff.failures()) == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                "%s: %s: %s; next attempt in %d ms",
                name,
                connection.ready ? "connection lost" : "cannot connect",
                reason,
                delay.toMillis());
        if (connection.ready) {
            tell(listeners, listener -> listener.disconnected(reason));
        }
        after(delay, this::connect);
    }

    /** Sends SUBSCRIBE for what was not yet subscribed on this connection. False if there is nothing to send. */
    private boolean subscribeMissing(Connection connection) {
        List<Entry> missing = dispatcher.entries().stream()
                .filter(entry -> entry.sentOn != connection)
                .toList();
        if (missing.isEmpty()) {
            return false;
        }
        missing.forEach(entry -> entry.sentOn = connection);
        sendSubscribe(connection, missing);
        return true;
    }

    private void sendSubscribe(Connection connection, List<Entry> asked) {
        Mqtt5Subscribe message = Mqtt5Subscribe.builder()
                .addSubscriptions(asked.stream()
                        .map(entry -> Mqtt5Subscription.builder()
                                .topicFilter(entry.filter)
                                .qos(MqttMessages.qos(entry.qos))
                                .build())
                        .toList())
                .build();
        connection
                .client()
                .subscribe(message)
                .whenComplete((ack, failure) -> onLink(() -> {
                    if (failure == null) {
                        subscribed(connection, asked, ack);
                    } else if (failure instanceof Mqtt5SubAckException refused) {
                        subscribed(connection, asked, refused.getMqttMessage());
                    } else {
                        connection.client().disconnect();
                        lost(connection, "SUBSCRIBE failed: " + reason(failure));
                    }
                }));
    }

    private void subscribed(Connection connection, List<Entry> entries, Mqtt5SubAck ack) {
        for (int i = 0; i < entries.size(); i++) {
            Mqtt5SubAckReasonCode code = ack.getReasonCodes().get(i);
            if (!code.isError()) {
                entries.get(i).established.complete(null);
            } else {
                String filter = entries.get(i).filter.toString();
                entries.get(i)
                        .established
                        .completeExceptionally(new MqttLinkException(
                                "the broker refused the subscription to " + filter + ": " + code));
                LOG.errorf("%s: the broker refused the subscription to %s: %s", name, filter, code);
                tell(listeners, listener -> listener.subscriptionRefused(filter, code.toString()));
            }
        }
        ready(connection);
        if (!connection.watchesShared && entries.stream().anyMatch(entry -> entry.filter.isShared())) {
            connection.watchesShared = true;
            connection.heard(SHARED_SILENCE);
            after(SHARED_SILENCE, () -> renewShared(connection));
        }
    }

    /**
     * Sends shared subscriptions again after a silence. A broker may forget to tell the members of a group that there is
     * something for them: HiveMQ CE does for ever once it was killed with messages on their way (its queue is never empty
     * again, and only an empty one wakes the members). A SUBSCRIBE makes it look; elsewhere it changes nothing.
     */
    private void renewShared(Connection connection) {
        if (connection.lost() || closed.get()) {
            return;
        }
        List<Entry> shared = dispatcher.entries().stream()
                .filter(entry -> entry.filter.isShared() && entry.sentOn == connection)
                .toList();
        if (shared.isEmpty()) {
            connection.watchesShared = false;
            return;
        }
        Duration left = connection.silenceLeft();
        if (left.isZero()) {
            if (++connection.renewals > MAX_RENEWALS) {
                connection.client().disconnect();
                lost(connection, "made anew after " + MAX_RENEWALS + " renewals of its shared subscriptions");
                return;
            }
            sendSubscribe(connection, shared);
            left = connection.longerSilence(LONGEST_SHARED_SILENCE);
        }
        after(left, () -> renewShared(connection));
    }

    private void unsubscribe(Entry entry) {
        boolean last = dispatcher.remove(entry);
        neverEstablished(entry);
        Connection connection = current;
        if (last && connection != null && entry.sentOn == connection) {
            connection
                    .client()
                    .unsubscribe(
                            Mqtt5Unsubscribe.builder().topicFilter(entry.filter).build())
                    .whenComplete((ack, failure) -> {
                        if (failure != null) {
                            LOG.warnf("%s: UNSUBSCRIBE %s failed: %s", name, entry.filter, reason(failure));
                        }
                    });
        }
    }

    private static void neverEstablished(Entry entry) {
        entry.established.completeExceptionally(
                new MqttLinkException("the subscription to " + entry.filter + " was closed before it was granted"));
    }

    private void arrived(Connection connection, Mqtt5Publish publish) {
        boolean qos0 = publish.getQos().getCode() == 0;
        if (qos0 && waitingQos0.incrementAndGet() > MAX_WAITING_QOS_0) {
            waitingQos0.decrementAndGet();
            LOG.debugf("%s: too busy for a QoS 0 message of %s", name, publish.getTopic());
            return;
        }
        onLink(() -> {
            if (qos0) {
                waitingQos0.decrementAndGet();
            }
            if (connection.lost() || closed.get()) {
                return; // unacknowledged: the broker delivers it again
            }
            connection.heard(SHARED_SILENCE);
            boolean waiting = dispatcher.hasUnclaimed();
            dispatcher.dispatch(publish);
            if (!waiting && dispatcher.hasUnclaimed()) {
                after(UNCLAIMED_PATIENCE, dispatcher::dropUnclaimed);
            }
        });
    }

    private void tell(List<LinkListener> told, Consumer<LinkListener> event) {
        for (LinkListener listener : told) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s: a listener failed", name);
            }
        }
    }

    /** False if the link is closed and the task will not run. */
    private boolean onLink(Runnable task) {
        try {
            tasks.execute(() -> run(task));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void after(Duration delay, Runnable task) {
        try {
            tasks.schedule(() -> run(task), delay);
        } catch (RejectedExecutionException e) {
            LOG.tracef("%s: closed", name);
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) { // the executor would keep it to itself
            LOG.errorf(e, "%s: unexpected failure", name);
        }
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
