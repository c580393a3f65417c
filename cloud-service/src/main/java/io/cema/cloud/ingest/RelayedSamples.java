package io.cema.cloud.ingest;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Takes samples of this process's partitions off Kafka. A record counts as consumed when it is durable in the database; so
 * many at most are in work, and Kafka keeps the rest.
 */
@ApplicationScoped
class RelayedSamples {
    private final SampleIngest ingest;
    private final Semaphore room;

    RelayedSamples(SampleIngest ingest, IngestSettings settings) {
        this.ingest = ingest;
        this.room = new Semaphore(2 * settings.batch());
    }

    /** Blocks while there is no room. */
    @Incoming("samples-from-kafka")
    @Blocking
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    CompletionStage<Void> receive(Message<byte[]> message) throws InterruptedException {
        room.acquire();
        ingest.add(message.withAck(() -> {
                    room.release();
                    return message.ack();
                })
                .withNack(reason -> {
                    room.release();
                    return message.nack(reason);
                }));
        return CompletableFuture.completedFuture(null);
    }
}
