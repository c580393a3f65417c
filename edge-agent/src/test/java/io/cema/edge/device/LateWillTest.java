package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.Presence;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands retained as a device's presence when a will of its past comes late, over a real broker. */
class LateWillTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = Topics.device("default", "cam-1", DeviceLeaf.PRESENCE);

    @TempDir
    Path folder;

    private final List<DeviceSession> sessions = new ArrayList<>();
    private final List<Presence> seen = new CopyOnWriteArrayList<>();
    private StackProcess stack;
    private MqttLink observer;

    /** One life of the device: its identity, its link, and the will it left with the broker. */
    private record Life(DeviceIdentity identity, MqttLink link, AtomicReference<OutgoingMessage> will) {}

    @BeforeEach
    void open() {
        stack = StackProcess.startBrokerOnly(folder.resolve("stack"));
        observer = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "observer"));
        observer.subscribe(TOPIC, 1, message -> {
            seen.add(EnvelopeOpener.openUnsigned(message.payload(), Presence.getDefaultInstance()));
            message.acknowledge();
        });
        observer.start();
    }

    @AfterEach
    void close() {
        sessions.forEach(DeviceSession::close);
        observer.close();
        stack.close();
    }

    @Test
    void takeOverWhileTheWillIsPending_leavesTheDeviceOnline() throws IOException {
        try (Line line = new Line(stack.brokerPort())) {
            Life first = start(folder.resolve("device"), line.port());
            awaitOnline(first);
            line.refuse(); // or both would take the session from each other for ever
            Life second = start(folder.resolve("device"), stack.brokerPort());
            awaitOnline(second);

            late(first);

            awaitOnline(second);
        }
    }

    @Test
    void brokerRestart_leavesTheDeviceOnline() throws IOException {
        Life life = start(folder.resolve("device"), stack.brokerPort());
        awaitOnline(life);
        OutgoingMessage old = life.will().get();
        long connection = life.identity().current().connection();

        stack.killBroker();
        stack.startBroker();

        await().atMost(PATIENCE)
                .until(() -> life.identity().current().connection() > connection
                        && life.link().connected());
        awaitOnline(life);
        late(old);
        awaitOnline(life);
    }

    @Test
    void reimagedDevice_isAboveTheWillOfItsFormerLifeThoughItsCountBeganAnew() throws IOException {
        Path former = folder.resolve("former");
        for (int i = 0; i < 9; i++) {
            DeviceIdentity.open(former, "default", "cam-1");
        }
        try (Line line = new Line(stack.brokerPort())) {
            Life first = start(former, line.port());
            awaitOnline(first);
            line.refuse();
            Life second = start(folder.resolve("reimaged"), stack.brokerPort(), 2);
            awaitOnline(second);
            assertThat(second.identity().current().connection())
                    .isLessThan(first.identity().current().connection());

            late(first);

            awaitOnline(second);
        }
    }

    private Life start(Path data, int port) throws IOException {
        return start(data, port, 1);
    }

    private Life start(Path data, int port, long generation) throws IOException {
        Files.createDirectories(data);
        DeviceIdentity identity = DeviceIdentity.open(data, "default", "cam-1");
        identity.enrolled(generation);
        AtomicReference<OutgoingMessage> will = new AtomicReference<>();
        MqttLink link = MqttLink.create(MqttLinkSettings.of(stack.host(), port, "default-d-cam-1")
                .withReconnectDelay(Duration.ofMillis(100), Duration.ofMillis(500))
                .withWill(
                        () -> {
                            will.set(DeviceSession.will(identity, "test", Clock.systemUTC()));
                            return will.get();
                        },
                        Duration.ZERO));
        DeviceSession session = new DeviceSession(
                identity,
                "test",
                data,
                link,
                new ActiveModels(),
                telemetry -> {},
                Duration.ofHours(1),
                Clock.systemUTC(),
                new DiskWatch(data, 0));
        session.start();
        link.start();
        sessions.add(session);
        return new Life(identity, link, will);
    }

    private void late(Life life) {
        late(life.will().get());
    }

    /** The broker publishes a will when it likes to; here it does so now. */
    private void late(OutgoingMessage will) {
        int before = seen.size();
        await().atMost(PATIENCE).until(observer::connected);
        observer.publish(will);
        await().atMost(PATIENCE).until(() -> seen.subList(before, seen.size()).stream()
                .anyMatch(p -> p.getState() == Presence.State.OFFLINE));
    }

    private void awaitOnline(Life life) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(seen).isNotEmpty();
            Presence last = seen.get(seen.size() - 1);
            assertThat(last.getState()).isEqualTo(Presence.State.ONLINE);
            assertThat(last.getGeneration()).isEqualTo(life.identity().current().generation());
            assertThat(last.getConnection()).isEqualTo(life.identity().current().connection());
        });
    }
}
