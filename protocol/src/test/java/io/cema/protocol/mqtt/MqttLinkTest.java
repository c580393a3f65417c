package io.cema.protocol.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against the real broker; a proxy before it cuts the line. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MqttLinkTest {
    @TempDir
    static Path data;

    static StackProcess stack;

    private final String topic = "test/" + UUID.randomUUID();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void startBroker() {
        Awaitility.setDefaultTimeout(30, TimeUnit.SECONDS); // for machines that build several modules at once
        stack = StackProcess.startBrokerOnly(data.resolve("stack"));
    }

    @AfterAll
    static void stopBroker() {
        stack.close();
    }

    @AfterEach
    void closeLinks() throws Exception {
        for (AutoCloseable link : opened) {
            link.close();
        }
    }

    @Test
    void late_subscriber_gets_the_retained_message() throws Exception {
        MqttLink link = online(settings());
        sent(link.publish(OutgoingMessage.of(topic, bytes("state"), 1, true)));
        Inbox inbox = new Inbox();
        link.subscribe(topic, 1, inbox);
        await().until(() -> inbox.texts().contains("state"));
        assertThat(inbox.messages.peek().retained()).isTrue();
    }

    @Test
    void subscription_made_while_connected_gets_messages() throws Exception {
        MqttLink link = online(settings());
        Inbox inbox = subscribed(link, topic);
        sent(link.publish(message("one")));
        await().until(() -> inbox.texts().equals(List.of("one")));
    }

    @Test
    void properties_travel_with_the_message() throws Exception {
        MqttLink link = online(settings());
        Inbox inbox = subscribed(link, topic);
        sent(link.publish(new OutgoingMessage(
                topic,
                bytes("x"),
                1,
                false,
                Optional.of(Duration.ofSeconds(60)),
                Map.of("trace", "42"),
                Optional.of("answers/here"),
                Optional.of(new byte[] {1, 2}))));
        await().until(() -> inbox.messages.size() == 1);
        IncomingMessage got = inbox.messages.peek();
        assertThat(got.userProperties()).containsEntry("trace", "42");
        assertThat(got.responseTopic()).contains("answers/here");
        assertThat(got.correlationData()).hasValueSatisfying(d -> assertThat(d).containsExactly(1, 2));
    }

    @Test
    void expired_message_is_not_delivered_to_the_absent() throws Exception {
        MqttLinkSettings absent = settings();
        MqttLink first = online(absent);
        subscribed(first, topic);
        first.close();
        MqttLink publisher = online(settings());
        sent(publisher.publish(new OutgoingMessage(
                topic,
                bytes("stale"),
                1,
                false,
                Optional.of(Duration.ofSeconds(1)),
                Map.of(),
                Optional.empty(),
                Optional.empty())));
        sent(publisher.publish(message("lasting")));
        TimeUnit.MILLISECONDS.sleep(2500);
        Inbox inbox = new Inbox();
        MqttLink second = link(absent);
        second.subscribe(topic, 1, inbox);
        second.start();
        await().until(() -> inbox.texts().contains("lasting"));
        assertThat(inbox.texts()).doesNotContain("stale");
    }

    @Test
    void unacknowledged_message_is_delivered_again_after_a_reconnect() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink receiver = online(settings(proxy.port()));
        Queue<IncomingMessage> held = new ConcurrentLinkedQueue<>();
        sent(receiver.subscribe(topic, 1, held::add).established());
        sent(online(settings()).publish(message("keep me")));
        await().until(() -> held.size() == 1);
        proxy.cut();
        await().until(() -> held.size() == 2);
        assertThat(held).allSatisfy(m -> assertThat(m.payload()).isEqualTo(bytes("keep me")));
    }

    @Test
    void acknowledged_message_is_not_delivered_again() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink receiver = online(settings(proxy.port()));
        Inbox inbox = subscribed(receiver, topic);
        MqttLink sender = online(settings());
        sent(sender.publish(message("once")));
        await().until(() -> inbox.messages.size() == 1);
        settle(); // the PUBACK is on its way
        reconnect(receiver, proxy);
        sent(sender.publish(message("next")));
        await().until(() -> inbox.texts().contains("next"));
        assertThat(inbox.texts()).containsExactly("once", "next");
    }

    @Test
    void acknowledgement_after_the_connection_was_lost_is_harmless() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink receiver = online(settings(proxy.port()));
        Queue<IncomingMessage> held = new ConcurrentLinkedQueue<>();
        sent(receiver.subscribe(topic, 1, held::add).established());
        sent(online(settings()).publish(message("x")));
        await().until(() -> held.size() == 1);
        reconnect(receiver, proxy);
        held.peek().acknowledge();
        held.peek().acknowledge();
        await().until(() -> held.size() == 2);
    }

    /** The messages wait at the broker first: this one sends what has piled up in batches, and a single one alone. */
    @Test
    void receive_maximum_bounds_what_is_unacknowledged() throws Exception {
        MqttLinkSettings slow = settings().withReceiveMaximum(3);
        MqttLink absent = online(slow);
        subscribed(absent, topic);
        absent.close();
        MqttLink sender = online(settings());
        for (int i = 0; i < 10; i++) {
            sent(sender.publish(message("m" + i)));
        }
        Queue<IncomingMessage> held = new ConcurrentLinkedQueue<>();
        MqttLink receiver = link(slow);
        receiver.subscribe(topic, 1, held::add);
        receiver.start();
        await().untilAsserted(() -> assertThat(held).hasSize(3));
        settle();
        assertThat(held).hasSize(3);
        held.forEach(IncomingMessage::acknowledge);
        await().untilAsserted(() -> assertThat(held).hasSize(6));
    }

    @Test
    void will_is_built_anew_for_each_connect() throws Exception {
        Inbox wills = subscribed(online(settings()), topic);
        TcpProxy proxy = proxy();
        AtomicInteger connections = new AtomicInteger();
        MqttLink mortal = online(settings(proxy.port())
                .withWill(() -> message("died in connection " + connections.incrementAndGet()), Duration.ZERO));
        for (int death = 1; death <= 3; death++) {
            await().until(mortal::connected);
            proxy.cut();
            String last = "died in connection " + death;
            await().until(() -> wills.texts().contains(last));
        }
        assertThat(wills.texts()).startsWith("died in connection 1", "died in connection 2", "died in connection 3");
    }

    @Test
    void failing_will_supplier_is_asked_again() {
        AtomicInteger asked = new AtomicInteger();
        MqttLink link = link(settings()
                .withWill(
                        () -> {
                            if (asked.incrementAndGet() < 3) {
                                throw new IllegalStateException("disk full");
                            }
                            return message("will");
                        },
                        Duration.ZERO));
        link.start();
        await().until(link::connected);
        assertThat(asked).hasValue(3);
    }

    @Test
    void farewell_takes_the_place_of_the_will() throws Exception {
        Inbox inbox = subscribed(online(settings()), topic);
        MqttLink leaving = online(settings().withWill(() -> message("will"), Duration.ZERO));
        leaving.close(message("farewell"));
        await().until(() -> inbox.texts().contains("farewell"));
        settle();
        assertThat(inbox.texts()).containsExactly("farewell");
    }

    @Test
    void subscriptions_live_through_a_restart_of_the_broker() throws Exception {
        MqttLink link = online(settings());
        Inbox inbox = subscribed(link, topic);
        stack.killBroker();
        await().until(() -> !link.connected());
        stack.startBroker();
        await().atMost(30, TimeUnit.SECONDS).until(link::connected);
        sent(link.publish(message("after the restart")));
        await().until(() -> inbox.texts().contains("after the restart"));
    }

    @Test
    void subscriptions_are_made_again_where_the_broker_forgot_the_session() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink link = online(settings(proxy.port()).withSessionExpiry(Duration.ZERO));
        Inbox inbox = subscribed(link, topic);
        reconnect(link, proxy);
        sent(link.publish(message("again")));
        await().until(() -> inbox.texts().contains("again"));
    }

    @Test
    void publish_offline_fails_at_once() throws IOException {
        MqttLink link = link(settings(freePort()));
        link.start();
        assertThatThrownBy(
                        () -> link.publish(message("x")).toCompletableFuture().get(100, TimeUnit.MILLISECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(MqttLinkException.class)
                .hasMessageContaining("offline");
    }

    @Test
    void publish_under_way_fails_when_the_connection_is_lost() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink link = online(settings(proxy.port()));
        proxy.silence();
        var publish = link.publish(message("x")).toCompletableFuture();
        proxy.cut();
        assertThatThrownBy(() -> publish.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(MqttLinkException.class);
    }

    @Test
    void publishes_under_way_are_bounded() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink link = online(settings(proxy.port()));
        proxy.silence();
        for (int i = 0; i < 1024; i++) {
            assertThat(link.publish(message("x")).toCompletableFuture()).isNotCompletedExceptionally();
        }
        assertThat(link.publish(message("x")).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void link_connects_once_the_broker_is_there() throws Exception {
        int port = freePort();
        MqttLink link = link(settings(port));
        link.start();
        settle();
        assertThat(link.connected()).isFalse();
        opened.add(new TcpProxy(stack.brokerPort(), port));
        await().atMost(20, TimeUnit.SECONDS).until(link::connected);
    }

    /** Which member gets a message is the broker's choice alone; a quick one may take them all. */
    @Test
    void shared_subscription_gives_each_message_to_one_member() throws Exception {
        Inbox one = subscribed(online(settings()), "$share/workers/" + topic);
        Inbox two = subscribed(online(settings()), "$share/workers/" + topic);
        MqttLink sender = online(settings());
        for (int i = 0; i < 100; i++) {
            sent(sender.publish(message("m" + i)));
        }
        await().until(() -> one.messages.size() + two.messages.size() >= 100);
        settle(); // for any that came twice
        List<String> all = new ArrayList<>(one.texts());
        all.addAll(two.texts());
        assertThat(all).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void member_that_stays_takes_over_a_shared_subscription() throws Exception {
        MqttLink leaving = online(settings());
        Inbox first = subscribed(leaving, "$share/workers/" + topic);
        MqttLink sender = online(settings());
        sent(sender.publish(message("early")));
        await().until(() -> first.texts().contains("early"));
        Inbox second = subscribed(online(settings()), "$share/workers/" + topic);
        leaving.close();
        await().until(() -> {
            sent(sender.publish(message("late")));
            return second.texts().contains("late");
        });
    }

    /** What was on its way when the broker died stays marked so in its queue, and HiveMQ no longer wakes the members. */
    @Test
    void shared_subscription_flows_again_after_the_broker_was_killed() throws Exception {
        MqttLink member = online(settings());
        Queue<IncomingMessage> held = new ConcurrentLinkedQueue<>();
        Inbox later = new Inbox();
        AtomicBoolean restarted = new AtomicBoolean();
        sent(member.subscribe("$share/workers/" + topic, 1, message -> {
                    if (restarted.get()) {
                        later.accept(message);
                    } else {
                        held.add(message);
                    }
                })
                .established());
        MqttLink sender = online(settings());
        sent(sender.publish(message("on its way")));
        await().until(() -> !held.isEmpty());
        stack.killBroker();
        await().until(() -> !member.connected() && !sender.connected());
        restarted.set(true);
        stack.startBroker();
        await().atMost(30, TimeUnit.SECONDS).until(() -> member.connected() && sender.connected());
        for (String text : List.of("first", "second", "third")) {
            sent(sender.publish(message(text)));
            await().until(() -> later.texts().contains(text));
        }
    }

    @Test
    void closed_subscription_gets_nothing_more() throws Exception {
        MqttLink link = online(settings());
        Inbox inbox = new Inbox();
        MqttLink.Subscription subscription = link.subscribe(topic, 1, inbox);
        sent(subscription.established());
        subscription.close();
        settle();
        sent(link.publish(message("late")));
        settle();
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void subscription_closed_before_it_was_granted_says_so() throws Exception {
        MqttLink link = link(settings(freePort()));
        MqttLink.Subscription subscription = link.subscribe(topic, 1, new Inbox());
        link.close();
        assertThatThrownBy(() -> sent(subscription.established()))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(MqttLinkException.class);
    }

    @Test
    void message_the_session_kept_waits_for_its_subscription() throws Exception {
        MqttLinkSettings restarting = settings();
        MqttLink first = online(restarting);
        subscribed(first, topic);
        first.close();
        sent(online(settings()).publish(message("kept")));
        MqttLink second = online(restarting);
        settle(); // it has arrived by now
        Inbox inbox = new Inbox();
        second.subscribe(topic, 1, inbox);
        await().until(() -> inbox.texts().contains("kept"));
    }

    @Test
    void handler_that_fails_does_not_stop_the_link() throws Exception {
        MqttLink link = online(settings());
        link.subscribe(topic + "/bad", 0, message -> {
            throw new IllegalStateException("handler's own failure");
        });
        Inbox inbox = subscribed(link, topic);
        sent(link.publish(OutgoingMessage.of(topic + "/bad", bytes("x"), 0, false)));
        sent(link.publish(message("good")));
        await().until(() -> inbox.texts().contains("good"));
    }

    @Test
    void listener_hears_of_loss_and_return() throws Exception {
        TcpProxy proxy = proxy();
        MqttLink link = link(settings(proxy.port()));
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        link.listen(new MqttLink.LinkListener() {
            @Override
            public void connected(boolean sessionPresent) {
                heard.add("connected, session present " + sessionPresent);
            }

            @Override
            public void disconnected(String reason) {
                heard.add("disconnected");
            }
        });
        link.start();
        await().until(link::connected);
        proxy.cut();
        await().until(() -> heard.size() == 3);
        assertThat(heard)
                .containsExactly("connected, session present false", "disconnected", "connected, session present true");
    }

    @Test
    void closed_link_stays_closed() {
        MqttLink link = online(settings());
        link.close();
        assertThat(link.connected()).isFalse();
        assertThatThrownBy(link::start).isInstanceOf(MqttLinkException.class).hasMessageContaining("closed");
    }

    @Test
    void topic_that_cannot_be_published_to_is_refused() {
        MqttLink link = online(settings());
        assertThatThrownBy(() -> link.publish(OutgoingMessage.of("a/#", new byte[0], 1, false)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private MqttLinkSettings settings() {
        return settings(stack.brokerPort());
    }

    private static MqttLinkSettings settings(int port) {
        return MqttLinkSettings.of(stack.host(), port, "test-" + UUID.randomUUID())
                .withReconnectDelay(Duration.ofMillis(50), Duration.ofMillis(500));
    }

    private MqttLink link(MqttLinkSettings settings) {
        MqttLink link = MqttLink.create(settings);
        opened.add(0, link);
        return link;
    }

    private MqttLink online(MqttLinkSettings settings) {
        MqttLink link = link(settings);
        link.start();
        await().until(link::connected);
        return link;
    }

    private TcpProxy proxy() throws IOException {
        TcpProxy proxy = new TcpProxy(stack.brokerPort());
        opened.add(proxy);
        return proxy;
    }

    private static void reconnect(MqttLink link, TcpProxy proxy) {
        AtomicInteger losses = new AtomicInteger();
        link.listen(new MqttLink.LinkListener() {
            @Override
            public void disconnected(String reason) {
                losses.incrementAndGet();
            }
        });
        proxy.cut();
        await().until(() -> losses.get() > 0 && link.connected());
    }

    private Inbox subscribed(MqttLink link, String filter) throws Exception {
        Inbox inbox = new Inbox();
        sent(link.subscribe(filter, 1, inbox).established());
        return inbox;
    }

    private OutgoingMessage message(String text) {
        return OutgoingMessage.of(topic, bytes(text), 1, false);
    }

    private static void sent(CompletionStage<Void> exchange) throws Exception {
        exchange.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Long enough for a packet to go to the broker on this machine and for its answer to come back. */
    private static void settle() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(400);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** Keeps and acknowledges what it gets. */
    private static final class Inbox implements Consumer<IncomingMessage> {
        private final Queue<IncomingMessage> messages = new ConcurrentLinkedQueue<>();

        @Override
        public void accept(IncomingMessage message) {
            messages.add(message);
            message.acknowledge();
        }

        private List<String> texts() {
            return messages.stream().map(m -> new String(m.payload(), UTF_8)).toList();
        }
    }
}
