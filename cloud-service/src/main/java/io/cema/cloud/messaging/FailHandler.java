package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.IncomingMessage;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Leaves the message unacknowledged: the broker keeps it, the channel reports that it is not alive. */
@ApplicationScoped
@Identifier(FailHandler.NAME)
class FailHandler implements MqttFailureHandler {
    static final String NAME = "fail";
    private static final Logger LOG = Logger.getLogger(FailHandler.class);

    @Override
    public Uni<Void> handle(String channel, IncomingMessage message, Throwable reason) {
        LOG.errorf(reason, "channel %s: message on %s failed and stays unacknowledged", channel, message.topic());
        return Uni.createFrom().failure(reason);
    }
}
