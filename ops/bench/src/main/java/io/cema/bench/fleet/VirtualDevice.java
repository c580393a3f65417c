package io.cema.bench.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Envelope;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedSlot;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.Slot;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.MqttThreads;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * An agent as broker and cloud see it, without a model: one MQTT session made as the agent makes it (will with connection
 * counter, kept session, birth, the same subscriptions), which follows its desired state, takes the updates of its channel
 * by the rules of the contract, and says so. Handlers run on the links' shared threads.
 */
final class VirtualDevice {
    static final String TENANT = "default";
    /** As the agent has it. */
    private static final int RECEIVE_MAXIMUM = 16;

    private static final long GENERATION = 1;
    private static final String AGENT = "simulated";
    /** As many bytes as an agent's. */
    private static final List<String> CAPABILITIES = List.of(
            "update:affine-float32",
            "update:experts",
            "image:rgb8-zstd",
            "image:png",
            "image:jpeg",
            "slots:several",
            "command:ping,report,reload,roll-back,forget-samples,restart");

    private static final Comparator<Revision> ORDER =
            Comparator.comparingLong(Revision::getEpoch).thenComparingLong(Revision::getRevision);

    /**
     * What all devices share.
     *
     * @param willDelay 60 s in the agent
     * @param verifyEvery one device of so many checks signatures, for all: real ones do so on processors of their own
     */
    record Surroundings(
            String host,
            int port,
            Duration willDelay,
            TrustedKeys keys,
            int verifyEvery,
            MqttThreads threads,
            Observer observer) {}

    private final Surroundings around;
    private final int number;
    private final String id;
    private final boolean verifies;
    private final MqttLink link;
    // guarded by this
    private long connection;
    private long sequence;
    private long desiredVersion;
    private Slot slot = Slot.getDefaultInstance();
    private String topic = "";
    private MqttLink.Subscription subscription;
    private String version = "";
    private Revision last = Revision.getDefaultInstance();

    /**
     * @param number from 0
     * @param connection counter before the first CONNECT
     */
    VirtualDevice(Surroundings around, int number, long connection) {
        this.around = around;
        this.number = number;
        this.id = id(number);
        this.verifies = number % around.verifyEvery() == 0;
        this.connection = connection;
        this.link = MqttLink.create(
                MqttLinkSettings.of(around.host(), around.port(), TENANT + "-d-" + id)
                        .withReceiveMaximum(RECEIVE_MAXIMUM)
                        .withWill(this::will, around.willDelay()),
                around.threads());
        link.listen(new MqttLink.LinkListener() {
            @Override
            public void connected(boolean sessionPresent) {
                greet();
            }
        });
        link.subscribe(topic(DeviceLeaf.PRESENCE), 1, this::presence);
        link.subscribe(topic(DeviceLeaf.DESIRED), 1, this::desired);
        link.subscribe(topic(DeviceLeaf.COMMAND), 1, IncomingMessage::acknowledge);
        link.subscribe(topic(DeviceLeaf.ACK), 1, this::acknowledged);
    }

    static String id(int number) {
        return "sim-" + number;
    }

    void connect() {
        link.start();
    }

    boolean connected() {
        return link.connected();
    }

    String id() {
        return id;
    }

    /** Of the session it has or had last. */
    synchronized long connection() {
        return connection;
    }

    synchronized Slot slot() {
        return slot;
    }

    synchronized String version() {
        return version;
    }

    synchronized Revision revision() {
        return last;
    }

    /** Ends the session without a word: the cloud goes on to think that the device is there. */
    void leave() {
        link.close();
    }

    private OutgoingMessage will() {
        long next;
        synchronized (this) {
            next = ++connection;
            sequence = 0;
        }
        return presence(Presence.State.OFFLINE, next);
    }

    private void greet() {
        publish(presence(Presence.State.ONLINE, connection()));
        report();
    }

    /** A will that fires late must not leave a living device marked as gone. */
    private void presence(IncomingMessage message) {
        Presence seen = EnvelopeOpener.openUnsigned(message.payload(), Presence.getDefaultInstance());
        boolean mine = seen.getGeneration() == GENERATION
                && seen.getConnection() == connection()
                && seen.getState() == Presence.State.ONLINE;
        if (!mine && link.connected()) {
            publish(presence(Presence.State.ONLINE, connection()));
        }
        message.acknowledge();
    }

    private OutgoingMessage presence(Presence.State state, long ofConnection) {
        return message(
                DeviceLeaf.PRESENCE,
                Presence.newBuilder()
                        .setState(state)
                        .setGeneration(GENERATION)
                        .setConnection(ofConnection)
                        .setAgentVersion(AGENT)
                        .build(),
                1,
                true);
    }

    private void desired(IncomingMessage message) {
        message.acknowledge();
        if (message.payload().length == 0) {
            return;
        }
        DesiredState state = open(message, DesiredState.getDefaultInstance());
        synchronized (this) {
            if (state.getVersion() <= desiredVersion) {
                return;
            }
            desiredVersion = state.getVersion();
            follow(state);
        }
        around.observer().desired(number);
        report();
    }

    private void follow(DesiredState state) {
        slot = state.getSlotsCount() == 0 ? Slot.getDefaultInstance() : state.getSlots(0);
        String wanted = state.getSlotsCount() == 0
                ? ""
                : Topics.update(TENANT, slot.getCohort(), slot.getModelDigest(), slot.getChannel());
        boolean moved = !wanted.equals(topic);
        if (moved || ORDER.compare(last, slot.getFloor()) <= 0) {
            version = "";
        }
        if (moved) {
            last = Revision.getDefaultInstance();
            topic = wanted;
            if (subscription != null) {
                subscription.close();
            }
            subscription = wanted.isEmpty() ? null : link.subscribe(wanted, 1, this::update);
        }
    }

    private void update(IncomingMessage message) {
        byte[] payload = message.payload();
        if (payload.length > 0) {
            AffineUpdate update = open(message, AffineUpdate.getDefaultInstance());
            around.observer()
                    .update(
                            number,
                            update.getVersion() + "/" + update.getRevision().getRevision(),
                            signed(payload));
            if (take(update)) {
                event(update);
                report();
            }
        }
        message.acknowledge();
    }

    private synchronized boolean take(AffineUpdate update) {
        if (ORDER.compare(update.getRevision(), last) <= 0
                || ORDER.compare(update.getRevision(), slot.getFloor()) <= 0) {
            return false;
        }
        version = update.getVersion();
        last = update.getRevision();
        return true;
    }

    private void acknowledged(IncomingMessage message) {
        around.observer()
                .acknowledged(open(message, SampleAck.getDefaultInstance()).getEntriesList());
        message.acknowledge();
    }

    private void event(AffineUpdate update) {
        DeviceEvent.Builder event = DeviceEvent.newBuilder()
                .setType(DeviceEvent.Type.APPLIED)
                .setSubject("update")
                .setModelDigest(update.getModelDigest())
                .setCohort(update.getCohort())
                .setUpdateVersion(update.getVersion())
                .setRevision(update.getRevision())
                .setAtMs(System.currentTimeMillis());
        synchronized (this) {
            event.setGeneration(GENERATION).setConnection(connection).setSequence(++sequence);
        }
        publish(message(DeviceLeaf.EVENT, event.build(), 1, false));
    }

    private void report() {
        ReportedState.Builder state =
                ReportedState.newBuilder().setAgentVersion(AGENT).addAllCapabilities(CAPABILITIES);
        synchronized (this) {
            state.setDesiredVersion(desiredVersion)
                    .setGeneration(GENERATION)
                    .setConnection(connection)
                    .setSequence(++sequence)
                    .addSlots(ReportedSlot.newBuilder()
                            .setModelDigest(slot.getModelDigest())
                            .setCohort(slot.getCohort())
                            .setChannel(slot.getChannel())
                            .setUpdateVersion(version)
                            .setRevision(last)
                            .setEngine("simulated"));
        }
        publish(message(DeviceLeaf.REPORTED, state.build(), 1, true));
    }

    /** Numbers as those of an agent with one model and 28 classes. */
    void sendTelemetry(TelemetryMaker maker) {
        if (!link.connected()) {
            return;
        }
        Message telemetry;
        synchronized (this) {
            telemetry = maker.make(GENERATION, connection, ++sequence, slot);
        }
        around.observer().telemetrySent();
        publish(message(DeviceLeaf.TELEMETRY, telemetry, 0, false));
    }

    /** Publishes one part of a sample; completes when the broker has it. */
    CompletionStage<Void> upload(Message part) {
        return link.publish(message(DeviceLeaf.SAMPLES, part, 1, false));
    }

    private <M extends Message> M open(IncomingMessage message, M prototype) {
        return verifies
                ? EnvelopeOpener.openSigned(message.topic(), message.payload(), prototype, around.keys())
                : EnvelopeOpener.openUnsigned(message.payload(), prototype);
    }

    private static long signed(byte[] payload) {
        try {
            return Envelope.parseFrom(payload).getCreatedMs();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("it was read a moment ago", e);
        }
    }

    private OutgoingMessage message(DeviceLeaf leaf, Message message, int qos, boolean retain) {
        return OutgoingMessage.of(
                topic(leaf),
                EnvelopeSealer.unsigned(message, System.currentTimeMillis()).toByteArray(),
                qos,
                retain);
    }

    /** What fails is said again after the next connect, or is not worth it. */
    private void publish(OutgoingMessage message) {
        link.publish(message);
    }

    private String topic(DeviceLeaf leaf) {
        return Topics.device(TENANT, id, leaf);
    }
}
