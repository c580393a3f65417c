package io.cema.cloud;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.ReportedSlot;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.Digests;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A device of a fleet, over a real MQTT session: follows its desired state and the updates of its channel by the rules of
 * the contract, and says what it runs. What it predicts is up to the test.
 */
public final class SimulatedDevice implements AutoCloseable {
    private static final String TENANT = "default";
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final byte[] PIXELS = ImageCodec.encode(TestDevice.image(1));
    private static final Comparator<Revision> ORDER =
            Comparator.comparingLong(Revision::getEpoch).thenComparingLong(Revision::getRevision);

    private final String id;
    private final TrustedKeys keys;
    private final MqttLink link;
    // guarded by this
    private Slot slot = Slot.getDefaultInstance();
    private String topic = "";
    private MqttLink.Subscription subscription;
    private String version = "";
    private Revision inForce = Revision.getDefaultInstance();
    private Revision last = Revision.getDefaultInstance();
    private long desiredVersion;
    private long sequence;
    private long certainFrames;
    private long uncertainFrames;

    public SimulatedDevice(String host, int port, String id, TrustedKeys keys) {
        this.id = id;
        this.keys = keys;
        this.link = MqttLink.create(MqttLinkSettings.of(host, port, "device-" + id));
        link.subscribe(Topics.device(TENANT, id, DeviceLeaf.DESIRED), 1, this::desired);
        link.start();
        Awaitility.await().atMost(PATIENCE).until(link::connected);
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
        String wanted = Topics.update(TENANT, slot.getCohort(), slot.getModelDigest(), slot.getChannel());
        boolean moved = !wanted.equals(topic);
        if (moved) {
            last = Revision.getDefaultInstance();
        }
        if (moved || ORDER.compare(inForce, slot.getFloor()) <= 0) {
            version = "";
            inForce = Revision.getDefaultInstance();
        }
        if (moved) {
            if (subscription != null) {
                subscription.close();
            }
            topic = wanted;
            subscription = link.subscribe(topic, 1, this::update);
        }
        report();
    }

    private synchronized void update(IncomingMessage message) {
        message.acknowledge();
        if (!message.topic().equals(topic) || message.payload().length == 0) {
            return;
        }
        AffineUpdate update =
                EnvelopeOpener.openSigned(message.topic(), message.payload(), AffineUpdate.getDefaultInstance(), keys);
        boolean pinnedToAnother =
                !slot.getPinnedVersion().isEmpty() && !slot.getPinnedVersion().equals(update.getVersion());
        if (pinnedToAnother
                || ORDER.compare(update.getRevision(), last) <= 0
                || ORDER.compare(update.getRevision(), slot.getFloor()) <= 0) {
            return;
        }
        version = update.getVersion();
        inForce = update.getRevision();
        last = inForce;
        report();
    }

    private void report() {
        ReportedState state = ReportedState.newBuilder()
                .setDesiredVersion(desiredVersion)
                .setConnection(1)
                .setSequence(++sequence)
                .addSlots(ReportedSlot.newBuilder()
                        .setModelDigest(slot.getModelDigest())
                        .setCohort(slot.getCohort())
                        .setChannel(slot.getChannel())
                        .setUpdateVersion(version)
                        .setRevision(inForce))
                .build();
        // Not waited for: this is the link's own thread.
        link.publish(message(DeviceLeaf.REPORTED, state, true));
    }

    public String id() {
        return id;
    }

    public synchronized String channel() {
        return slot.getChannel();
    }

    /** The update it runs; empty for the registered model. */
    public synchronized String version() {
        return version;
    }

    public synchronized String pinnedVersion() {
        return slot.getPinnedVersion();
    }

    /** Some frames, all of one entropy and latency. */
    public synchronized void sendTelemetry(int more, boolean certain) {
        if (certain) {
            certainFrames += more;
        } else {
            uncertainFrames += more;
        }
        send(
                DeviceLeaf.TELEMETRY,
                Telemetry.newBuilder()
                        .setStartId("s")
                        .setConnection(1)
                        .setSequence(++sequence)
                        .setEntropy(Histogram.newBuilder()
                                .addBounds(1)
                                .addCounts(certainFrames)
                                .addCounts(uncertainFrames))
                        .setLatencyMs(Histogram.newBuilder()
                                .addBounds(10)
                                .addCounts(certainFrames + uncertainFrames)
                                .addCounts(0))
                        .build());
    }

    /** One image drawn at random, predicted with what it runs. */
    public void sendSample(int predictedClass, float entropy) {
        SampleInfo.Builder info = SampleInfo.newBuilder()
                .setFormat(ImageFormat.RGB8_ZSTD)
                .setWidth(32)
                .setHeight(32)
                .setEntropy(entropy)
                .setPredictedClass(predictedClass)
                .setReason(UploadReason.RANDOM);
        synchronized (this) {
            info.setModelDigest(slot.getModelDigest())
                    .setCohort(slot.getCohort())
                    .setChannel(slot.getChannel())
                    .setUpdateVersion(version)
                    .setRevision(inForce);
        }
        send(
                DeviceLeaf.SAMPLES,
                SamplePart.newBuilder()
                        .setSampleId(UlidCreator.getMonotonicUlid().toString())
                        .setParts(1)
                        .setData(ByteString.copyFrom(PIXELS))
                        .setTotalBytes(PIXELS.length)
                        .setSha256(ByteString.copyFrom(Digests.sha256(PIXELS)))
                        .setInfo(info)
                        .build());
    }

    /** Statistics of frames that it answered with what it runs. */
    public void sendStatistics(StatisticsReport measured) {
        StatisticsReport.Builder report = measured.toBuilder();
        synchronized (this) {
            report.setReportId(UlidCreator.getMonotonicUlid().toString())
                    .setModelDigest(slot.getModelDigest())
                    .setCohort(slot.getCohort())
                    .setChannel(slot.getChannel())
                    .setUpdateVersion(version)
                    .setRevision(inForce);
        }
        send(DeviceLeaf.STATISTICS, report.build());
    }

    /** As it is. */
    public void sendRaw(StatisticsReport report) {
        send(DeviceLeaf.STATISTICS, report);
    }

    public synchronized Slot slot() {
        return slot;
    }

    private void send(DeviceLeaf leaf, Message message) {
        try {
            link.publish(message(leaf, message, false))
                    .toCompletableFuture()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("device " + id + " cannot publish its " + leaf, e);
        }
    }

    private OutgoingMessage message(DeviceLeaf leaf, Message message, boolean retain) {
        return OutgoingMessage.of(
                Topics.device(TENANT, id, leaf),
                EnvelopeSealer.unsigned(message, System.currentTimeMillis()).toByteArray(),
                1,
                retain);
    }

    @Override
    public void close() {
        link.close();
    }
}
