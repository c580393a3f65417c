package io.cema.demo;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The uplink of a device without the device: it sends images as samples, and again what nobody acknowledged in time. Any
 * thread may send.
 */
final class LoadDevice implements AutoCloseable {
    private static final String TENANT = "default";

    /** A sample that waits for the cloud's word. */
    private record Flight(byte[] payload, long sentNanos, int tries) {}

    private final String id;
    private final String cohort;
    private final String model;
    private final TrustedKeys keys;
    private final Duration resendAfter;
    private final MqttLink link;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private volatile long lastAckNanos;

    LoadDevice(String host, int port, String id, String cohort, String model, TrustedKeys keys, Duration resendAfter) {
        this.id = id;
        this.cohort = cohort;
        this.model = model;
        this.keys = keys;
        this.resendAfter = resendAfter;
        this.link = MqttLink.create(MqttLinkSettings.of(host, port, "load-" + id));
        link.subscribe(topic(DeviceLeaf.ACK), 1, this::told);
        link.start();
    }

    boolean connected() {
        return link.connected();
    }

    /** Sends an image once; {@link #resend} does the rest. */
    void send(Image image, int predictedClass, long frame) {
        String sample = UlidCreator.getMonotonicUlid().toString();
        byte[] payload = EnvelopeSealer.unsigned(part(sample, image, predictedClass, frame), System.currentTimeMillis())
                .toByteArray();
        sent.add(sample);
        flights.put(sample, new Flight(payload, System.nanoTime(), 1));
        publish(payload);
    }

    /** Sends again what has waited too long, twice as long after each try. */
    void resend() {
        long now = System.nanoTime();
        flights.forEach((sample, flight) -> {
            if (now - flight.sentNanos() > resendAfter.toNanos() << Math.min(flight.tries() - 1, 5)) {
                flights.replace(sample, flight, new Flight(flight.payload(), now, flight.tries() + 1));
                publish(flight.payload());
            }
        });
    }

    /** How many wait for the cloud's word. */
    int waiting() {
        return flights.size();
    }

    int sent() {
        return sent.size();
    }

    /** Samples the cloud called durable, as {@code DEVICE/SAMPLE}. */
    Set<String> acknowledged() {
        return acknowledged;
    }

    /** Samples the cloud called dead letters. */
    Set<String> refused() {
        return refused;
    }

    /** Of the last word of the cloud, as {@link System#nanoTime}. */
    long lastAckNanos() {
        return lastAckNanos;
    }

    private void publish(byte[] payload) {
        // While offline or under way too long it fails, and is sent again like any other.
        link.publish(OutgoingMessage.of(topic(DeviceLeaf.SAMPLES), payload, 1, false))
                .exceptionally(failure -> null);
    }

    private void told(IncomingMessage message) {
        for (SampleAck.Entry entry : EnvelopeOpener.openSigned(
                        message.topic(), message.payload(), SampleAck.getDefaultInstance(), keys)
                .getEntriesList()) {
            flights.remove(entry.getSampleId());
            (entry.getOutcome() == SampleAck.Outcome.DURABLE ? acknowledged : refused)
                    .add(id + "/" + entry.getSampleId());
        }
        lastAckNanos = System.nanoTime();
        message.acknowledge();
    }

    private String topic(DeviceLeaf leaf) {
        return Topics.device(TENANT, id, leaf);
    }

    private SamplePart part(String sample, Image image, int predictedClass, long frame) {
        byte[] encoded = ImageCodec.encode(image);
        return SamplePart.newBuilder()
                .setSampleId(sample)
                .setParts(1)
                .setData(ByteString.copyFrom(encoded))
                .setTotalBytes(encoded.length)
                .setSha256(ByteString.copyFrom(Digests.sha256(encoded)))
                .setInfo(SampleInfo.newBuilder()
                        .setFormat(ImageFormat.RGB8_ZSTD)
                        .setWidth(image.width())
                        .setHeight(image.height())
                        .setEntropy(0.5f)
                        .setPredictedClass(predictedClass)
                        .setReason(UploadReason.INFORMATIVE)
                        .setModelDigest(model)
                        .setCohort(cohort)
                        .setChannel("stable")
                        .setCapturedMs(System.currentTimeMillis())
                        .setFrame(frame))
                .build();
    }

    @Override
    public void close() {
        link.close();
    }
}
