package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a slot subscribes again, by a clock of the test's. */
class SlotUpdatesTest {
    private static final String TOPIC = "cema/v1/default/c/east/0123456789abcdef/stable/update";

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Link link = new Link();
    private long now;
    private final SlotUpdates updates = new SlotUpdates(link, thread, (topic, payloads) -> {}, () -> now);

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    @Test
    void subscriptionOnWhichNothingComes_isMadeAnewEverMoreSeldom() {
        updates.follow(TOPIC);

        seconds(4);
        assertThat(link.asked).containsExactly(TOPIC);
        seconds(1);
        assertThat(link.asked).hasSize(2);
        seconds(9);
        assertThat(link.asked).hasSize(2);
        seconds(1);
        assertThat(link.asked).hasSize(3);
        seconds((int) Duration.ofHours(10).toSeconds());
        assertThat(link.asked).hasSizeBetween(40, 50);
        assertThat(link.open).isEqualTo(1);
    }

    @Test
    void subscriptionOnWhichSomethingCame_stays() {
        updates.follow(TOPIC);
        link.deliver();

        seconds(1000);

        assertThat(link.asked).hasSize(1);
    }

    @Test
    void afterALossOfTheConnection_somethingHasToComeAnew() {
        updates.follow(TOPIC);
        link.deliver();
        link.connected = false;
        seconds(1000);
        assertThat(link.asked).hasSize(1);
        link.connected = true;

        seconds(5);

        assertThat(link.asked).hasSize(2);
    }

    @Test
    void topicThatIsLeft_isNotAskedForAnyMore() {
        updates.follow(TOPIC);
        updates.close();

        seconds(1000);

        assertThat(link.asked).hasSize(1);
        assertThat(link.open).isZero();
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            now += Duration.ofSeconds(1).toNanos();
            updates.renew();
        }
    }

    /** Grants every subscription and counts them. */
    private static final class Link implements MqttLink {
        private final List<String> asked = new ArrayList<>();
        private Consumer<IncomingMessage> handler;
        private boolean connected = true;
        private int open;

        void deliver() {
            handler.accept(new Empty());
        }

        @Override
        public Subscription subscribe(String filter, int qos, Consumer<IncomingMessage> then) {
            asked.add(filter);
            handler = then;
            open++;
            return new Subscription() {
                @Override
                public CompletionStage<Void> established() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void close() {
                    open--;
                }
            };
        }

        @Override
        public boolean connected() {
            return connected;
        }

        @Override
        public void start() {}

        @Override
        public CompletionStage<Void> publish(OutgoingMessage message) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void listen(LinkListener listener) {}

        @Override
        public void close(OutgoingMessage farewell) {}

        @Override
        public void close() {}
    }

    /** A retained message that was cleared. */
    private record Empty() implements IncomingMessage {
        @Override
        public String topic() {
            return TOPIC;
        }

        @Override
        public byte[] payload() {
            return new byte[0];
        }

        @Override
        public int qos() {
            return 1;
        }

        @Override
        public boolean retained() {
            return false;
        }

        @Override
        public Map<String, String> userProperties() {
            return Map.of();
        }

        @Override
        public Optional<String> responseTopic() {
            return Optional.empty();
        }

        @Override
        public Optional<byte[]> correlationData() {
            return Optional.empty();
        }

        @Override
        public void acknowledge() {}
    }
}
