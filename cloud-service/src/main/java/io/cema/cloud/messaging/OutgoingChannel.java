package io.cema.cloud.messaging;

import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** The attributes of an outgoing channel, as {@link MqttConnector} declares them. */
record OutgoingChannel(
        String name,
        SessionKey session,
        Optional<String> topic,
        int qos,
        boolean retain,
        int maxInflight,
        boolean health) {
    OutgoingChannel {
        if (qos != 0 && qos != 1) {
            throw new IllegalArgumentException("channel " + name + ": qos must be 0 or 1, is " + qos);
        }
        if (maxInflight < 1) {
            throw new IllegalArgumentException("channel " + name + ": max-inflight must be above 0, is " + maxInflight);
        }
    }

    static OutgoingChannel of(Config config) {
        return new OutgoingChannel(
                config.getValue("channel-name", String.class),
                SessionKey.of(config),
                config.getOptionalValue("topic", String.class),
                config.getOptionalValue("qos", Integer.class).orElse(1),
                config.getOptionalValue("retain", Boolean.class).orElse(false),
                config.getOptionalValue("max-inflight", Integer.class).orElse(32),
                config.getOptionalValue("health-enabled", Boolean.class).orElse(true));
    }
}
