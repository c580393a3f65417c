package io.cema.cloud.messaging;

import io.cema.protocol.topic.Topics;
import org.eclipse.microprofile.config.Config;

/** The attributes of an incoming channel, as {@link MqttConnector} declares them. */
record IncomingChannel(
        String name,
        SessionKey session,
        String filter,
        int qos,
        int bufferSize,
        String failureStrategy,
        boolean health) {
    IncomingChannel {
        if (qos != 0 && qos != 1) {
            throw new IllegalArgumentException("channel " + name + ": qos must be 0 or 1, is " + qos);
        }
    }

    static IncomingChannel of(Config config) {
        String filter = config.getValue("filter", String.class);
        return new IncomingChannel(
                config.getValue("channel-name", String.class),
                SessionKey.of(config),
                config.getOptionalValue("shared-group", String.class)
                        .map(group -> Topics.shared(group, filter))
                        .orElse(filter),
                config.getOptionalValue("qos", Integer.class).orElse(1),
                config.getOptionalValue("buffer-size", Integer.class).orElse(1024),
                config.getOptionalValue("failure-strategy", String.class).orElse(DeadLetterHandler.NAME),
                config.getOptionalValue("health-enabled", Boolean.class).orElse(true));
    }
}
