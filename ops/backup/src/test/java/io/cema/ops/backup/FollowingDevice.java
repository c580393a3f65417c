package io.cema.ops.backup;

import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.Slot;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.util.Comparator;

/**
 * A device over a real MQTT session that obeys the order of desired states and of updates as the contract has it, refusing
 * what is not above what it took, and forgets nothing while the cloud is away.
 */
final class FollowingDevice implements AutoCloseable {
    private static final Comparator<Revision> ORDER =
            Comparator.comparingLong(Revision::getEpoch).thenComparingLong(Revision::getRevision);

    private final TrustedKeys keys;
    private final MqttLink link;
    // guarded by this
    private Slot slot = Slot.getDefaultInstance();
    private String topic = "";
    private String version = "";
    private Revision last = Revision.getDefaultInstance();
    private long desiredVersion;

    /**
     * @param client names the session
     * @param id whose desired state it follows
     */
    FollowingDevice(String host, int port, String client, String id, TrustedKeys keys) {
        this.keys = keys;
        this.link = MqttLink.create(MqttLinkSettings.of(host, port, "device-" + client));
        link.subscribe(Topics.device("default", id, DeviceLeaf.DESIRED), 1, this::desired);
        link.start();
    }

    private synchronized void desired(IncomingMessage message) {
        message.acknowledge();
        if (message.payload().length == 0) {
            return;
        }
        DesiredState desired =
                EnvelopeOpener.openSigned(message.topic(), message.payload(), DesiredState.getDefaultInstance(), keys);
        if (desired.getVersion() <= desiredVersion || desired.getSlotsCount() == 0) {
            return;
        }
        desiredVersion = desired.getVersion();
        slot = desired.getSlots(0);
        if (ORDER.compare(last, slot.getFloor()) <= 0) {
            version = "";
        }
        String wanted = Topics.update("default", slot.getCohort(), slot.getModelDigest(), slot.getChannel());
        if (!wanted.equals(topic)) {
            topic = wanted;
            last = Revision.getDefaultInstance();
            link.subscribe(topic, 1, this::update);
        }
    }

    private synchronized void update(IncomingMessage message) {
        message.acknowledge();
        if (message.payload().length == 0) {
            return;
        }
        AffineUpdate update =
                EnvelopeOpener.openSigned(message.topic(), message.payload(), AffineUpdate.getDefaultInstance(), keys);
        if (ORDER.compare(update.getRevision(), last) > 0 && ORDER.compare(update.getRevision(), slot.getFloor()) > 0) {
            version = update.getVersion();
            last = update.getRevision();
        }
    }

    /** The update it runs; empty for the registered model. */
    synchronized String version() {
        return version;
    }

    /** Of the last update it took. */
    synchronized Revision revision() {
        return last;
    }

    synchronized long desiredVersion() {
        return desiredVersion;
    }

    @Override
    public void close() {
        link.close();
    }
}
