package io.cema.cloud.ingest;

import io.cema.cloud.messaging.SentTopic;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Takes what devices send off the broker and gives it to this process's ingest, or to Kafka. What cannot be read goes no
 * further than here: it has no cohort, and becomes a dead letter at once.
 */
@ApplicationScoped
class SampleUploads {
    private final SampleIngest ingest;
    private final SampleRelay relay;
    private final SampleReader reader;
    private final boolean relayed;

    SampleUploads(SampleIngest ingest, SampleRelay relay, SampleSettings samples, IngestSettings settings) {
        this.ingest = ingest;
        this.relay = relay;
        this.reader = new SampleReader(settings);
        this.relayed = samples.transport() == SampleTransport.KAFKA;
    }

    @Incoming("samples")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    CompletionStage<Void> receive(Message<byte[]> message) {
        if (relayed && reader.read(SentTopic.of(message), message.getPayload()) instanceof Arrival.Part arrival) {
            relay.pass(message, arrival);
        } else {
            ingest.add(message);
        }
        return CompletableFuture.completedFuture(null);
    }
}
