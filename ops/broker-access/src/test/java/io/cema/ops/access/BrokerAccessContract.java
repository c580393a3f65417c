package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.security.AuthorityFolder;
import io.cema.cloud.security.CertificateAuthority;
import io.cema.cloud.security.CertificateAuthority.Revoked;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.cema.protocol.topic.UpdateReaders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every broker of the platform must do, whichever it is. That nothing arrived is known by what was sent later and
 * did arrive.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
abstract class BrokerAccessContract {
    static final String EAST = Topics.update("default", "east", "0123456789abcdef", "stable");
    private static final String CANARY = Topics.update("default", "east", "0123456789abcdef", "canary");
    private static final String WEST = Topics.update("default", "west", "0123456789abcdef", "stable");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Client> clients = new ArrayList<>();
    private final List<Revoked> revoked = new ArrayList<>();
    private final Map<Principal.Device, Set<String>> slots = new HashMap<>();

    Path data;
    AuthorityFolder folder;

    /** Starts the broker over the files of the authority's folder. */
    abstract void startBroker(Path authority) throws Exception;

    abstract void stopBroker() throws Exception;

    /** Without the cloud: nothing is written meanwhile. */
    abstract void restartBroker() throws Exception;

    abstract int tlsPort();

    /** A connection with the rights of the cloud service. */
    abstract Client connectService();

    /** What an operator does after the list was written. */
    abstract void revocationsChanged() throws Exception;

    /** What an operator, or what he has set up, does after the list of slots was written. */
    abstract void slotsChanged() throws Exception;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        data = temporary;
        folder = AuthorityFolder.open(data.resolve("ca"), Clock.systemUTC());
        folder.server("broker", List.of("localhost", "127.0.0.1"));
        writeRevocations();
        writeSlots();
        startBroker(data.resolve("ca"));
    }

    @AfterAll
    void stop() throws Exception {
        stopBroker();
    }

    @AfterEach
    void closeClients() {
        clients.forEach(Client::close);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceLeaf.class,
            names = {"PRESENCE", "SAMPLES", "TELEMETRY", "REPORTED", "EVENT", "RESPONSE"})
    void device_publishes_what_is_its_own(DeviceLeaf leaf) {
        String id = newDevice();
        Client service = service();
        service.subscribe(topic(id, leaf));

        assertThat(device(id).publish(topic(id, leaf))).isTrue();

        awaitReceived(service, topic(id, leaf));
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceLeaf.class,
            names = {"DESIRED", "COMMAND", "ACK", "PRESENCE"})
    void device_reads_what_is_its_own(DeviceLeaf leaf) {
        String id = newDevice();
        Client device = device(id);
        assertThat(device.subscribe(topic(id, leaf))).isTrue();

        service().publish(topic(id, leaf));

        awaitReceived(device, topic(id, leaf));
    }

    @Test
    void device_reads_updates_of_its_slots_and_no_others() throws Exception {
        String id = newDevice();
        give(id, EAST);
        Client device = device(id);
        awaitReads(device, EAST);
        device.subscribe(CANARY);
        device.subscribe(WEST);
        Client service = service();

        service.publish(CANARY);
        service.publish(WEST);

        awaitAllArrived(id, device);
        assertThat(device.received()).doesNotContain(CANARY, WEST);
    }

    @Test
    void device_that_the_list_does_not_name_reads_no_updates() {
        String id = newDevice();
        Client device = device(id);
        device.subscribe(EAST);

        service().publish(EAST);

        awaitAllArrived(id, device);
        assertThat(device.received()).doesNotContain(EAST);
    }

    @Test
    void device_that_is_moved_reads_the_new_updates_and_no_more_of_the_old_on_the_connection_it_has() throws Exception {
        String id = newDevice();
        give(id, EAST);
        Client device = device(id);
        awaitReads(device, EAST);
        String witness = newDevice();

        slots.put(name(id), Set.of(WEST));
        give(witness, EAST);

        awaitReads(device, WEST);
        awaitReads(device(witness), EAST);
        awaitAllArrived(id, device);
        long before = device.received().stream().filter(EAST::equals).count();
        service().publish(EAST);
        awaitAllArrived(id, device);
        assertThat(device.received().stream().filter(EAST::equals)).hasSize((int) before);
        assertThat(device.connected()).isTrue();
    }

    @Test
    void device_without_slots_reads_no_more_updates_on_the_connection_it_has() throws Exception {
        String id = newDevice();
        String witness = newDevice();
        give(id, CANARY);
        Client device = device(id);
        awaitReads(device, CANARY);

        slots.remove(name(id));
        give(witness, CANARY);

        awaitReads(device(witness), CANARY);
        awaitAllArrived(id, device);
        int before = device.received().size();
        service().publish(CANARY);
        awaitAllArrived(id, device);
        assertThat(device.received()).hasSize(before + 1);
    }

    @Test
    void broker_that_starts_again_goes_on_with_the_list_that_it_had() throws Exception {
        String id = newDevice();
        give(id, EAST);
        awaitReads(device(id), EAST);

        restartBroker();

        Client device = device(id);
        awaitReads(device, EAST);
        device.subscribe(WEST);
        service().publish(WEST);
        awaitAllArrived(id, device);
        assertThat(device.received()).doesNotContain(WEST);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceLeaf.class,
            names = {"DESIRED", "COMMAND", "ACK"})
    void device_publishes_nothing_the_cloud_says(DeviceLeaf leaf) {
        String id = newDevice();
        isRefused(id, topic(id, leaf));
    }

    @ParameterizedTest
    @EnumSource(DeviceLeaf.class)
    void device_publishes_nothing_in_the_name_of_another(DeviceLeaf leaf) {
        isRefused(newDevice(), topic(newDevice(), leaf));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cema/v1/default/c/east/0123456789abcdef/stable/update", "elsewhere", "cema/v1/default/x"})
    void device_publishes_nothing_outside_its_topics(String topic) {
        isRefused(newDevice(), topic);
    }

    private void isRefused(String id, String topic) {
        Client service = service();
        service.subscribe("cema/v1/default/#");
        Client.Target target = target(id);

        assertThat(keep(Client.connect(target)).publish(topic)).isFalse();

        // HiveMQ ends the connection too.
        keep(Client.connect(target)).publish(topic(id, DeviceLeaf.EVENT));
        awaitReceived(service, topic(id, DeviceLeaf.EVENT));
        assertThat(service.received()).doesNotContain(topic);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cema/v1/default/d/{other}/desired",
                "cema/v1/default/d/{other}/ack",
                "cema/v1/default/d/{other}/command",
                "cema/v1/default/d/{other}/presence",
                "cema/v1/default/d/+/desired",
                "cema/v1/default/d/{other}/#",
                "cema/v1/default/#",
                "$share/group/cema/v1/default/d/+/ack",
                "#"
            })
    void device_reads_nothing_of_another(String filter) {
        String id = newDevice();
        String other = newDevice();
        Client service = service();
        service.publish(topic(other, DeviceLeaf.PRESENCE), true);
        Client device = device(id);
        device.subscribe(topic(id, DeviceLeaf.ACK));
        device.subscribe(filter.replace("{other}", other));

        for (DeviceLeaf leaf : DeviceLeaf.values()) {
            service.publish(topic(other, leaf));
        }
        service.publish(topic(id, DeviceLeaf.ACK));

        awaitReceived(device, topic(id, DeviceLeaf.ACK));
        assertThat(device.received()).isNotEmpty().allMatch(topic(id, DeviceLeaf.ACK)::equals);
    }

    @Test
    void will_of_a_device_goes_out() {
        String id = newDevice();
        Client service = service();
        service.subscribe(topic(id, DeviceLeaf.PRESENCE));

        Client.connect(target(id), Optional.of(topic(id, DeviceLeaf.PRESENCE))).leaveWill();

        awaitReceived(service, topic(id, DeviceLeaf.PRESENCE));
    }

    @Test
    void will_on_a_foreign_topic_goes_nowhere() {
        String id = newDevice();
        String foreign = topic(newDevice(), DeviceLeaf.PRESENCE);
        Client service = service();
        service.subscribe("cema/v1/default/#");
        Client.Target target = target(id);

        tryConnect(target, Optional.of(foreign)).ifPresent(Client::leaveWill);

        // Its next connection comes after the end of the one before.
        keep(Client.connect(target)).publish(topic(id, DeviceLeaf.EVENT));
        awaitReceived(service, topic(id, DeviceLeaf.EVENT));
        assertThat(service.received()).doesNotContain(foreign);
    }

    @Test
    void client_without_certificate_does_not_connect() {
        Client.Target target = target(newDevice());

        cannotConnect(new Client.Target(target.port(), target.trust(), Optional.empty(), target.clientId()));
    }

    @Test
    void certificate_of_another_authority_does_not_connect() {
        String id = newDevice();
        CertificateAuthority other = CertificateAuthority.create(Clock.systemUTC());

        cannotConnect(target(id, Identity.of(other, name(id).commonName())));
    }

    @Test
    void certificate_that_has_ended_does_not_connect() throws IOException {
        String id = newDevice();
        CertificateAuthority then = AuthorityFolder.open(
                        data.resolve("ca"), Clock.offset(Clock.systemUTC(), Duration.ofDays(-91)))
                .authority();

        cannotConnect(target(id, Identity.of(then, name(id).commonName())));
    }

    @Test
    void revoked_certificate_does_not_connect_and_others_do() throws Exception {
        String id = newDevice();
        Client.Target gone = target(id);
        Client.connect(gone).close();

        revoke(gone);
        revocationsChanged();

        await().atMost(PATIENCE).until(() -> refuses(gone));
        assertThat(device(id).connected()).isTrue();
    }

    @Test
    void revocation_ends_the_session() throws Exception {
        String id = newDevice();
        Client.Target target = target(id);
        Client device = keep(Client.connect(target));

        revoke(target);
        revocationsChanged();

        await().atMost(PATIENCE).until(() -> !device.connected());
        assertThat(refuses(target)).isTrue();
    }

    @Test
    void session_of_another_device_cannot_be_taken_over() {
        String id = newDevice();
        Client victim = device(id);
        victim.subscribe(topic(id, DeviceLeaf.ACK));
        Client.Target thief = target(newDevice()).as(target(id).clientId());
        Optional<Client> entered = tryConnect(thief);

        service().publish(topic(id, DeviceLeaf.ACK));

        awaitReceived(victim, topic(id, DeviceLeaf.ACK));
        assertThat(entered.map(Client::received).orElse(List.of())).isEmpty();
    }

    String newDevice() {
        return "x" + UUID.randomUUID().toString().substring(0, 8);
    }

    static String topic(String device, DeviceLeaf leaf) {
        return Topics.device("default", device, leaf);
    }

    static Principal.Device name(String device) {
        return new Principal.Device("default", device);
    }

    Client.Target target(String device) {
        return target(device, Identity.of(folder.authority(), name(device).commonName()));
    }

    Client.Target target(String device, Identity identity) {
        return new Client.Target(
                tlsPort(), folder.authority().certificate(), Optional.of(identity), clientId(name(device)));
    }

    /** What the edge agent takes. */
    String clientId(Principal.Device device) {
        return device.clientId();
    }

    Client device(String id) {
        return keep(Client.connect(target(id)));
    }

    Client service() {
        return keep(connectService());
    }

    Client keep(Client client) {
        clients.add(client);
        return client;
    }

    void cannotConnect(Client.Target target) {
        assertThat(tryConnect(target)).isEmpty();
    }

    private Optional<Client> tryConnect(Client.Target target) {
        return tryConnect(target, Optional.empty());
    }

    /** Empty if the broker refused. */
    Optional<Client> tryConnect(Client.Target target, Optional<String> willTopic) {
        try {
            return Optional.of(keep(Client.connect(target, willTopic)));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private boolean refuses(Client.Target target) {
        return tryConnect(target).isEmpty();
    }

    private void revoke(Client.Target target) throws IOException {
        revoked.add(new Revoked(target.identity().orElseThrow().certificate().getSerialNumber(), Instant.now()));
        writeRevocations();
    }

    private void writeRevocations() throws IOException {
        folder.writeRevocationList(folder.authority().revocationList(revoked, Duration.ofDays(30)));
    }

    void give(String device, String... topics) throws Exception {
        slots.put(name(device), Set.of(topics));
        writeSlots();
        slotsChanged();
    }

    private void writeSlots() throws IOException {
        folder.writeSlots(folder.authority().signedSlots(UpdateReaders.of(slots)));
    }

    /** As the edge agent does: it subscribes again for as long as nothing comes. */
    void awaitReads(Client device, String topic) {
        Client service = service();
        await().atMost(PATIENCE).until(() -> {
            device.subscribe(topic);
            service.publish(topic);
            return device.received().contains(topic);
        });
    }

    /** What was published before has arrived, if it does at all. */
    void awaitAllArrived(String id, Client device) {
        String last = topic(id, DeviceLeaf.ACK);
        device.subscribe(last);
        long before = device.received().stream().filter(last::equals).count();
        service().publish(last);
        await().atMost(PATIENCE)
                .until(() -> device.received().stream().filter(last::equals).count() > before);
    }

    private static void awaitReceived(Client client, String topic) {
        await().atMost(PATIENCE).until(() -> client.received().contains(topic));
    }
}
