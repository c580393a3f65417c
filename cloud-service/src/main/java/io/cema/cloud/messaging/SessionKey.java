package io.cema.cloud.messaging;

import java.time.Duration;
import org.eclipse.microprofile.config.Config;

/** What makes two channels share a session; the first channel's expiry and receive maximum hold for all of them. */
record SessionKey(String host, int port, String clientId, Duration expiry, int receiveMaximum) {
    static SessionKey of(Config config) {
        return new SessionKey(
                config.getValue("host", String.class),
                config.getOptionalValue("port", Integer.class).orElse(1883),
                config.getValue("client-id", String.class),
                config.getOptionalValue("session-expiry", Duration.class).orElse(Duration.ofHours(72)),
                config.getOptionalValue("receive-maximum", Integer.class).orElse(64));
    }

    String identity() {
        return clientId + "@" + host + ":" + port;
    }
}
