package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.security.AuthorityFolder;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The local stack's broker with small limits: 10 messages and 1,000 bytes a second, bursts of 5 and 10,000. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HiveMqRateTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FAR_TOO_LARGE = 100_000;

    private final List<Client> clients = new ArrayList<>();
    private AuthorityFolder folder;
    private StackProcess stack;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        Path authority = data.resolve("ca");
        folder = AuthorityFolder.open(authority, Clock.systemUTC());
        folder.server("broker", List.of("localhost", "127.0.0.1"));
        folder.writeRevocationList(folder.authority().revocationList(List.of(), Duration.ofDays(30)));
        Files.writeString(
                authority.resolve("access.properties"),
                "rate.messages-per-second=10\nrate.messages-burst=5\nrate.bytes-per-second=1000\nrate.bytes-burst=10000\n");
        stack = StackProcess.startSecureBroker(data.resolve("stack"), authority);
    }

    @AfterAll
    void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    @AfterEach
    void closeClients() {
        clients.forEach(Client::close);
    }

    @Test
    void messages_beyond_the_rate_come_late_and_none_is_lost() {
        String topic = topic(newDevice());
        Client service = service();
        service.subscribe(topic);
        Client device = device(topic);

        for (int i = 0; i < 30; i++) {
            assertThat(device.publish(topic)).isTrue();
        }

        await().atMost(PATIENCE).until(() -> service.received().size() == 30);
        assertThat(device.connected()).isTrue();
    }

    @Test
    void message_far_beyond_the_rate_ends_the_connection_and_the_device_may_come_back() {
        String topic = topic(newDevice());
        Client service = service();
        service.subscribe(topic);
        Client device = device(topic);

        assertThat(device.publish(topic, FAR_TOO_LARGE)).isFalse();

        await().atMost(PATIENCE).until(() -> !device.connected());
        assertThat(device(topic).publish(topic)).isTrue();
        await().atMost(PATIENCE).until(() -> !service.received().isEmpty());
        assertThat(service.received()).hasSize(1);
    }

    @Test
    void messages_of_qos_0_beyond_the_rate_are_dropped() {
        String topic = topic(newDevice());
        Client service = service();
        service.subscribe(topic);
        Client device = device(topic);

        for (int i = 0; i < 1_000; i++) {
            device.publishAtMostOnce(topic);
        }
        assertThat(device.publish(topic)).isTrue();

        // What was sent last arrives last.
        Client witness = service();
        String end = topic(newDevice());
        witness.subscribe(end);
        assertThat(device(end).publish(end)).isTrue();
        await().atMost(PATIENCE).until(() -> witness.received().contains(end));
        assertThat(service.received()).hasSizeLessThan(1_000);
    }

    @Test
    void rate_of_one_device_is_not_that_of_another_nor_of_the_cloud() {
        String flooder = topic(newDevice());
        device(flooder).publish(flooder, FAR_TOO_LARGE);
        String quiet = topic(newDevice());
        Client service = service();
        service.subscribe(quiet);

        assertThat(device(quiet).publish(quiet)).isTrue();
        assertThat(service.publish("cema/v1/default/d/other/ack", FAR_TOO_LARGE))
                .isTrue();

        await().atMost(PATIENCE).until(() -> service.received().contains(quiet));
    }

    private static String newDevice() {
        return "x" + UUID.randomUUID().toString().substring(0, 8);
    }

    private static String topic(String device) {
        return Topics.device("default", device, DeviceLeaf.EVENT);
    }

    private Client device(String topic) {
        Principal.Device name = new Principal.Device("default", ((Topics.DeviceTopic) Topics.parse(topic)).device());
        return connect(Identity.of(folder.authority(), name.commonName()), name.clientId());
    }

    private Client service() {
        Principal.Service name = new Principal.Service("default", "cloud");
        return connect(Identity.of(folder.authority(), name.commonName()), "cema-default-" + UUID.randomUUID());
    }

    private Client connect(Identity identity, String clientId) {
        Client client = Client.connect(new Client.Target(
                stack.brokerPort(), folder.authority().certificate(), Optional.of(identity), clientId));
        clients.add(client);
        return client;
    }
}
