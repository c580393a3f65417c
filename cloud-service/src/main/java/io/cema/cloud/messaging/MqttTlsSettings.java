package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.MqttLinkSettings;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** {@code cema.mqtt.tls.*}: TLS towards the broker, with this service's certificate; plain when {@code trust} is absent. */
@ConfigMapping(prefix = "cema.mqtt.tls")
interface MqttTlsSettings {
    /** PEM file with the broker's CA certificates. */
    Optional<Path> trust();

    /** PEM file with this service's certificate chain. */
    Optional<Path> certificate();

    /** PEM file with its key. */
    Optional<Path> key();

    @WithDefault("true")
    boolean verifyHostname();

    default Optional<MqttLinkSettings.Tls> files() {
        return trust().map(trust -> new MqttLinkSettings.Tls(trust, certificate(), key(), verifyHostname()));
    }
}
