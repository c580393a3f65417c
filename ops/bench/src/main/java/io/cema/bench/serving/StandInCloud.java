package io.cema.bench.serving;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * The cloud's side of the contract as far as an agent needs it to serve and to upload: a signed desired state, signed
 * updates, and an ack for every sample. It learns nothing, so that the machine's cores are the agent's and its clients'.
 * The broker is a real one.
 */
final class StandInCloud implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StandInCloud.class);
    private static final String TENANT = "default";
    private static final String COHORT = "bench";
    private static final String CHANNEL = "stable";

    private final StackProcess broker;
    private final SigningKey key;
    private final MqttLink link;
    private final AtomicLong samples = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** @param folder for the broker's data and the keys */
    StandInCloud(Path folder) throws IOException {
        broker = StackProcess.startBrokerOnly(folder.resolve("stack"));
        key = SigningKey.loadOrCreate(folder.resolve("keys"));
        link = MqttLink.create(MqttLinkSettings.of(broker.host(), broker.brokerPort(), "stand-in-cloud"));
        link.subscribe(Topics.allDevices(TENANT, DeviceLeaf.SAMPLES), 1, this::acknowledge);
        link.start();
    }

    StackProcess broker() {
        return broker;
    }

    /** Public half of the key it signs with. */
    static Path publicKey(Path folder) {
        return folder.resolve("keys/signing-key.pub.pem");
    }

    /** Samples it has acknowledged. */
    long samples() {
        return samples.get();
    }

    /** Their MQTT payload. */
    long bytes() {
        return bytes.get();
    }

    /** Lays the model into the agent's folder, so that nobody must serve it. */
    static void give(ServedModel model, Path agentFolder) throws IOException {
        Path models = Files.createDirectories(agentFolder.resolve("models"));
        Files.write(models.resolve(model.manifest().digest()), model.onnx());
        Files.write(models.resolve(model.manifestDigest()), model.manifest().toJson());
    }

    /** Wishes that the device serves the model. Waits for the broker. */
    void wish(String device, ServedModel model, boolean adaptation) throws InterruptedException {
        Slot slot = Slot.newBuilder()
                .setModelDigest(model.manifest().digest())
                .setModelSize(model.onnx().length)
                .setManifestDigest(model.manifestDigest())
                .setManifestSize(model.manifest().toJson().length)
                .setCohort(COHORT)
                .setChannel(CHANNEL)
                .setSelection(SelectionPolicy.getDefaultInstance())
                .setAdaptation(adaptation)
                .build();
        while (!link.connected()) {
            Thread.sleep(50);
        }
        send(
                Topics.device(TENANT, device, DeviceLeaf.DESIRED),
                DesiredState.newBuilder().setVersion(1).addSlots(slot).build(),
                true);
    }

    /** Publishes an update; while the broker is away, nothing happens, as a cloud's outbox would wait. */
    boolean update(ServedModel model, long revision, AffineParameters difference) {
        if (!link.connected()) {
            return false;
        }
        AffineUpdate update = AffineUpdate.newBuilder()
                .setVersion(String.format("BENCH%021d", revision))
                .setRevision(Revision.newBuilder().setEpoch(1).setRevision(revision))
                .setModelDigest(model.manifest().digest())
                .setCohort(COHORT)
                .setChannel(CHANNEL)
                .setAffine(ByteString.copyFrom(AffineCodec.encode(difference)))
                .build();
        send(Topics.update(TENANT, COHORT, model.manifest().digest(), CHANNEL), update, true);
        return true;
    }

    private void acknowledge(IncomingMessage message) {
        SamplePart part = EnvelopeOpener.openUnsigned(message.payload(), SamplePart.getDefaultInstance());
        bytes.addAndGet(message.payload().length);
        message.acknowledge();
        if (part.getPart() != part.getParts() - 1) {
            return;
        }
        samples.incrementAndGet();
        SampleAck ack = SampleAck.newBuilder()
                .addEntries(SampleAck.Entry.newBuilder()
                        .setSampleId(part.getSampleId())
                        .setOutcome(SampleAck.Outcome.DURABLE))
                .build();
        String device = ((Topics.DeviceTopic) Topics.parse(message.topic())).device();
        send(Topics.device(TENANT, device, DeviceLeaf.ACK), ack, false);
    }

    private void send(String topic, Message message, boolean retain) {
        byte[] payload = EnvelopeSealer.sign(topic, message, key.id(), key.privateKey(), 1)
                .toByteArray();
        link.publish(OutgoingMessage.of(topic, payload, 1, retain)).whenComplete((done, failure) -> {
            if (failure != null) {
                // A lost ack is asked for again by the agent, which sends the sample again.
                LOG.debugf("%s was not published: %s", topic, failure.getMessage());
            }
        });
    }

    @Override
    public void close() {
        link.close();
        broker.close();
    }
}
