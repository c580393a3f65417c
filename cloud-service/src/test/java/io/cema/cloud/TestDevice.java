package io.cema.cloud;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The device's side of the contract, by hand: what a test sends and what came down. */
public final class TestDevice implements AutoCloseable {
    private static final String TENANT = "default";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String id;
    private final TrustedKeys keys;
    private final MqttLink link;
    private final List<SampleAck.Entry> acks = new CopyOnWriteArrayList<>();
    private final Map<String, byte[]> newest = new ConcurrentHashMap<>();

    public TestDevice(String host, int port, String id, TrustedKeys keys) {
        this.id = id;
        this.keys = keys;
        this.link = MqttLink.create(MqttLinkSettings.of(host, port, "device-" + id));
        link.subscribe(topic(DeviceLeaf.ACK), 1, this::acknowledged);
        link.subscribe(topic(DeviceLeaf.DESIRED), 1, message -> {
            if (message.payload().length > 0) {
                newest.put(message.topic(), message.payload());
            }
            message.acknowledge();
        });
        link.start();
        Awaitility.await().atMost(PATIENCE).until(link::connected);
    }

    private void acknowledged(IncomingMessage message) {
        acks.addAll(EnvelopeOpener.openSigned(message.topic(), message.payload(), SampleAck.getDefaultInstance(), keys)
                .getEntriesList());
        message.acknowledge();
    }

    public String topic(DeviceLeaf leaf) {
        return Topics.device(TENANT, id, leaf);
    }

    /** The newest message of a topic subscribed to, opened with its signature checked. */
    public <M extends Message> M await(DeviceLeaf leaf, M prototype) {
        Awaitility.await().atMost(PATIENCE).until(() -> newest.containsKey(topic(leaf)));
        return EnvelopeOpener.openSigned(topic(leaf), newest.get(topic(leaf)), prototype, keys);
    }

    /** The newest message of a topic, if one came. */
    public <M extends Message> Optional<M> newest(DeviceLeaf leaf, M prototype) {
        return Optional.ofNullable(newest.get(topic(leaf)))
                .map(bytes -> EnvelopeOpener.openSigned(topic(leaf), bytes, prototype, keys));
    }

    public void send(DeviceLeaf leaf, Message message) {
        sendRaw(
                leaf,
                EnvelopeSealer.unsigned(message, System.currentTimeMillis()).toByteArray());
    }

    public void sendRetained(DeviceLeaf leaf, Message message) {
        publish(OutgoingMessage.of(
                topic(leaf),
                EnvelopeSealer.unsigned(message, System.currentTimeMillis()).toByteArray(),
                1,
                true));
    }

    public void sendRaw(DeviceLeaf leaf, byte[] payload) {
        publish(OutgoingMessage.of(topic(leaf), payload, 1, false));
    }

    private void publish(OutgoingMessage message) {
        try {
            link.publish(message).toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("cannot publish to " + message.topic(), e);
        }
    }

    /** Waits for the cloud's word about a sample. */
    public SampleAck.Entry awaitAck(String sampleId) {
        Awaitility.await().atMost(PATIENCE).until(() -> acks.stream()
                .anyMatch(e -> e.getSampleId().equals(sampleId)));
        return acks.stream()
                .filter(e -> e.getSampleId().equals(sampleId))
                .findFirst()
                .orElseThrow();
    }

    /** How often the cloud spoke of a sample. */
    public long ackCount(String sampleId) {
        return acks.stream().filter(e -> e.getSampleId().equals(sampleId)).count();
    }

    public boolean connected() {
        return link.connected();
    }

    /** A sample in one part: noise of 32x32 pixels. */
    public static SamplePart sample(String cohort, String modelDigest, long seed) {
        return sampleOf(image(seed), cohort, modelDigest);
    }

    public static Image image(long seed) {
        byte[] rgb = new byte[32 * 32 * 3];
        new Random(seed).nextBytes(rgb);
        return new Image(32, 32, rgb);
    }

    private static SamplePart sampleOf(Image image, String cohort, String modelDigest) {
        byte[] encoded = ImageCodec.encode(image);
        return SamplePart.newBuilder()
                .setSampleId(UlidCreator.getMonotonicUlid().toString())
                .setPart(0)
                .setParts(1)
                .setData(ByteString.copyFrom(encoded))
                .setTotalBytes(encoded.length)
                .setSha256(ByteString.copyFrom(Digests.sha256(encoded)))
                .setInfo(SampleInfo.newBuilder()
                        .setFormat(ImageFormat.RGB8_ZSTD)
                        .setWidth(image.width())
                        .setHeight(image.height())
                        .setEntropy(0.5f)
                        .setPredictedClass(1)
                        .setReason(UploadReason.INFORMATIVE)
                        .setModelDigest(modelDigest)
                        .setCohort(cohort)
                        .setChannel("stable")
                        .setCapturedMs(System.currentTimeMillis())
                        .setFrame(7))
                .build();
    }

    @Override
    public void close() {
        link.close();
    }
}
