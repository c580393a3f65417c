package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.ops.stack.StackProcess;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The local stack's broker with the extension. */
class HiveMqAccessTest extends BrokerAccessContract {
    private StackProcess stack;

    @Override
    void startBroker(Path authority) {
        stack = StackProcess.startSecureBroker(data.resolve("stack"), authority);
    }

    @Override
    void stopBroker() {
        if (stack != null) {
            stack.close();
        }
    }

    @Override
    void restartBroker() {
        stack.killBroker();
        stack.startBroker();
    }

    @Override
    int tlsPort() {
        return stack.brokerPort();
    }

    @Override
    Client connectService() {
        return Client.connect(service("default", "cema-default-" + UUID.randomUUID()));
    }

    @Override
    void revocationsChanged() {
        // The extension looks by itself.
    }

    @Override
    void slotsChanged() {
        // The extension looks by itself.
    }

    @Test
    void forbidden_subscription_is_refused() {
        assertThat(device(newDevice()).subscribe(topic(newDevice(), DeviceLeaf.DESIRED)))
                .isFalse();
    }

    @Test
    void will_on_a_foreign_topic_is_refused() {
        assertThat(tryConnect(target(newDevice()), Optional.of(topic(newDevice(), DeviceLeaf.PRESENCE))))
                .isEmpty();
    }

    @Test
    void client_id_that_is_not_the_devices_is_refused() {
        cannotConnect(target(newDevice()).as("anything"));
    }

    @Test
    void service_id_cannot_be_taken_by_a_device() {
        cannotConnect(target(newDevice()).as("cema-default-cloud-fleet"));
    }

    @Test
    void certificate_that_names_nobody_is_refused() {
        String id = newDevice();

        cannotConnect(target(id, Identity.of(folder.authority(), id)));
    }

    @Test
    void what_waited_for_a_device_is_not_given_once_the_slot_is_gone() throws Exception {
        String id = newDevice();
        give(id, EAST);
        Client.Target target = target(id);
        Client before = keep(Client.connectLasting(target));
        awaitReads(before, EAST);
        before.close();
        service().publish(EAST);
        String witness = newDevice();
        give(id);

        give(witness, EAST);

        awaitReads(device(witness), EAST);
        Client device = keep(Client.connectLasting(target));
        awaitAllArrived(id, device);
        assertThat(device.received()).doesNotContain(EAST);
    }

    @Test
    void tenants_do_not_see_each_other() {
        String id = newDevice();
        Principal.Device foreign = new Principal.Device("other", id);
        Client device = keep(Client.connect(target(id, Identity.of(folder.authority(), foreign.commonName()))
                .as(foreign.clientId())));
        Client service = keep(Client.connect(service("other", "cema-other-cloud")));

        assertThat(device.subscribe(Topics.update("default", "east", "0123456789abcdef", "stable")))
                .isFalse();
        assertThat(device.publish(topic(id, DeviceLeaf.PRESENCE))).isFalse();
        assertThat(service.subscribe("cema/v1/default/d/+/presence")).isFalse();
        assertThat(service.publish(topic(id, DeviceLeaf.DESIRED))).isFalse();
    }

    private Client.Target service(String tenant, String clientId) {
        Identity identity = Identity.of(folder.authority(), new Principal.Service(tenant, "cloud").commonName());
        return new Client.Target(tlsPort(), folder.authority().certificate(), Optional.of(identity), clientId);
    }
}
