package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.MqttLinkSettings;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
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

    /** @param clock by which the broker's certificate is judged */
    default Optional<MqttLinkSettings.Tls> files(Clock clock) {
        return trust().map(trust -> new MqttLinkSettings.Tls(
                trust, certificate(), key(), verifyHostname(), () -> List.of(clock.instant())));
    }
}
