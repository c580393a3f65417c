package io.cema.cloud.ingest;

import io.cema.cloud.messaging.OutgoingMqttMetadata;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/**
 * Tells devices what became of their samples. Not through the outbox: an ack may be lost, since the device then sends
 * the sample again and is told again.
 */
@ApplicationScoped
class SampleAcks {
    private static final Logger LOG = Logger.getLogger(SampleAcks.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration WORTH_TELLING = Duration.ofMinutes(5);

    private final MutinyEmitter<byte[]> acks;
    private final SigningKey key;
    private final String tenant;

    SampleAcks(
            @Channel("acks") MutinyEmitter<byte[]> acks,
            SigningKey key,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.acks = acks;
        this.key = key;
        this.tenant = tenant;
    }

    /** Publishes one message per device; completes when each was tried. Never fails. */
    Uni<Void> send(Map<String, List<SampleAck.Entry>> entriesByDevice) {
        if (entriesByDevice.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Uni.join()
                .all(entriesByDevice.entrySet().stream()
                        .map(e -> send(e.getKey(), e.getValue()))
                        .toList())
                .andCollectFailures()
                .replaceWithVoid();
    }

    private Uni<Void> send(String device, List<SampleAck.Entry> entries) {
        String topic = Topics.device(tenant, device, Topics.DeviceLeaf.ACK);
        SampleAck ack = SampleAck.newBuilder().addAllEntries(entries).build();
        byte[] payload = EnvelopeSealer.sign(topic, ack, key.id(), key.privateKey(), System.currentTimeMillis())
                .toByteArray();
        return acks.sendMessage(Message.of(
                        payload,
                        Metadata.of(OutgoingMqttMetadata.of(topic, 1, false).withExpiry(WORTH_TELLING))))
                .ifNoItem()
                .after(TIMEOUT)
                .fail()
                .onFailure()
                .invoke(e -> LOG.debugf("ack of %d samples to %s not sent: %s", entries.size(), device, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
