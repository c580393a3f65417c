package io.cema.cloud.messaging;

import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.mqtt.IncomingMessage;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Stores the message with its reason, however long the database takes; only then may it be acknowledged. So nothing is
 * lost, and one bad message never stops its channel.
 */
@ApplicationScoped
@Identifier(DeadLetterHandler.NAME)
class DeadLetterHandler implements MqttFailureHandler {
    static final String NAME = "dead-letter";
    private static final Logger LOG = Logger.getLogger(DeadLetterHandler.class);

    private final TenantDatabase database;
    private final DeadLetters deadLetters;
    private final String tenant;

    DeadLetterHandler(
            TenantDatabase database, DeadLetters deadLetters, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.deadLetters = deadLetters;
        this.tenant = tenant;
    }

    @Override
    public Uni<Void> handle(String channel, IncomingMessage message, Throwable reason) {
        return keep(message.topic(), message.payload(), channel + ": " + reason.getMessage());
    }

    /** Completes when it is stored. */
    Uni<Void> keep(String topic, byte[] payload, String reason) {
        DeadLetter letter = DeadLetter.of(topic, payload, reason);
        LOG.warnf("dead letter on %s: %s", topic, letter.reason());
        return database.inTransaction(tenant, connection -> deadLetters.store(connection, letter))
                .onFailure()
                .invoke(e -> LOG.warnf("dead letter cannot be stored yet: %s", e.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(200), Duration.ofSeconds(10))
                .indefinitely();
    }
}
