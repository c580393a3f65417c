package io.cema.cloud.fleet.command;

import io.cema.cloud.messaging.IncomingMqttMetadata;
import io.cema.cloud.persistence.Patience;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** The devices' answers to commands. One that is wrong fails and becomes a dead letter. */
@ApplicationScoped
class CommandInbox {
    private static final Logger LOG = Logger.getLogger(CommandInbox.class);
    private static final int LONGEST_MESSAGE = 2000;

    private final Commands commands;
    private final String tenant;

    CommandInbox(Commands commands, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.commands = commands;
        this.tenant = tenant;
    }

    @Incoming("responses")
    Uni<Void> answer(byte[] payload, IncomingMqttMetadata metadata) {
        if (!(Topics.parse(metadata.topic()) instanceof Topics.DeviceTopic topic)) {
            throw new IllegalArgumentException("topic " + metadata.topic() + " is not a device's");
        }
        CommandResponse response = EnvelopeOpener.openUnsigned(payload, CommandResponse.getDefaultInstance());
        metadata.correlationData().ifPresent(correlation -> requireSame(response.getId(), correlation));
        String text = response.getMessage().replace('\0', '?');
        String message = text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE);
        return Patience.untilDatabaseAnswers(
                        commands.answered(tenant, topic.device(), response.getId(), response.getAccepted(), message))
                .invoke(counted -> {
                    if (!counted) {
                        LOG.debugf("device %s answers command %s again", topic.device(), response.getId());
                    }
                })
                .replaceWithVoid();
    }

    private static void requireSame(String id, byte[] correlation) {
        if (!id.equals(new String(correlation, StandardCharsets.US_ASCII))) {
            throw new IllegalArgumentException(
                    "answer to command " + id + " carries another command's correlation data");
        }
    }
}
