package io.cema.cloud.ingest;

import io.cema.cloud.messaging.SentTopic;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/**
 * Passes samples on to Kafka. The broker's message is acknowledged when every in-sync copy has the record, and held for as
 * long as Kafka is away: what waits is bounded by the session's Receive Maximum. The device is told nothing here; it is
 * told by whoever has stored the sample.
 */
@ApplicationScoped
class SampleRelay {
    private static final Logger LOG = Logger.getLogger(SampleRelay.class);

    private final MutinyEmitter<byte[]> records;
    private final String tenant;

    SampleRelay(
            @Channel("samples-to-kafka") MutinyEmitter<byte[]> records,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.records = records;
        this.tenant = tenant;
    }

    /** Returns at once; the message is acked or nacked later. */
    void pass(Message<byte[]> message, Arrival.Part arrival) {
        Uni.createFrom()
                .deferred(() -> records.sendMessage(record(arrival)))
                .onFailure(SampleRelay::passes)
                .invoke(e -> LOG.warnf("a sample of %s waits for Kafka: %s", arrival.device(), e.getMessage()))
                .onFailure(SampleRelay::passes)
                .retry()
                .withBackOff(Duration.ofMillis(200), Duration.ofSeconds(10))
                .indefinitely()
                .subscribe()
                .with(written -> message.ack(), message::nack);
    }

    private Message<byte[]> record(Arrival.Part arrival) {
        return Message.of(
                arrival.payload(),
                Metadata.of(OutgoingKafkaRecordMetadata.<String>builder()
                        .withKey(SamplePlacement.key(
                                tenant, arrival.part().getInfo().getCohort()))
                        .withHeaders(SentTopic.headers(arrival.topic()))
                        .build()));
    }

    /** Everything but a record that Kafka will never take: a missing right is the operator's to give, not the device's fault. */
    private static boolean passes(Throwable failure) {
        return !(failure instanceof RecordTooLargeException) && !(failure instanceof SerializationException);
    }
}
