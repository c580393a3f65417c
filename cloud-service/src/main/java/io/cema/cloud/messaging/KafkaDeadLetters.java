package io.cema.cloud.messaging;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecord;
import io.smallrye.reactive.messaging.kafka.KafkaConnectorIncomingConfiguration;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import io.smallrye.reactive.messaging.kafka.fault.KafkaFailureHandler;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/** What a nack of a Kafka record does: the same table of dead letters as for MQTT, and the record counts as consumed. */
@ApplicationScoped
@Identifier(KafkaDeadLetters.NAME)
class KafkaDeadLetters implements KafkaFailureHandler.Factory {
    static final String NAME = "cema-dead-letter";

    private final DeadLetterHandler deadLetters;

    KafkaDeadLetters(@Identifier(DeadLetterHandler.NAME) DeadLetterHandler deadLetters) {
        this.deadLetters = deadLetters;
    }

    @Override
    public KafkaFailureHandler create(
            KafkaConnectorIncomingConfiguration config,
            Vertx vertx,
            KafkaConsumer<?, ?> consumer,
            BiConsumer<Throwable, Boolean> reportFailure) {
        return new ToDatabase(config.getChannel());
    }

    private final class ToDatabase implements KafkaFailureHandler {
        private final String channel;

        private ToDatabase(String channel) {
            this.channel = channel;
        }

        @Override
        public <K, V> Uni<Void> handle(IncomingKafkaRecord<K, V> record, Throwable reason, Metadata metadata) {
            byte[] payload = record.getPayload() instanceof byte[] bytes ? bytes : new byte[0];
            return deadLetters
                    .keep(SentTopic.of(record), payload, channel + ": " + reason.getMessage())
                    .chain(() -> Uni.createFrom().completionStage(record::ack));
        }
    }
}
