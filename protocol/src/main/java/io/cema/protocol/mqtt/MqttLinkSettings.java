package io.cema.protocol.mqtt;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a session is made of.
 *
 * @param clientId stable, the identity of the session
 * @param cleanStart false: the broker keeps the session across connects
 * @param sessionExpiry how long the broker keeps it after a loss
 * @param receiveMaximum unacknowledged QoS 1 messages the broker may have outstanding to us: back-pressure
 * @param will asked anew before every CONNECT (automatic reconnects too), so it can carry a raised connection counter;
 *     runs on a link thread, may do short file I/O
 * @param willDelay how long the broker waits with the will after a loss
 */
public record MqttLinkSettings(
        String host,
        int port,
        String clientId,
        boolean cleanStart,
        Duration sessionExpiry,
        int receiveMaximum,
        Duration keepAlive,
        Duration minReconnectDelay,
        Duration maxReconnectDelay,
        Optional<Supplier<OutgoingMessage>> will,
        Duration willDelay,
        Optional<Tls> tls) {
    public MqttLinkSettings {
        if (clientId.isBlank()) {
            throw new IllegalArgumentException("an MQTT link needs a client id");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("MQTT port must be 1 to 65535, is " + port);
        }
        if (receiveMaximum < 1 || receiveMaximum > 65535) {
            throw new IllegalArgumentException("receive maximum must be 1 to 65535, is " + receiveMaximum);
        }
        if (minReconnectDelay.toMillis() < 1 || minReconnectDelay.compareTo(maxReconnectDelay) > 0) {
            throw new IllegalArgumentException("reconnect delay must rise from at least 1 ms, is " + minReconnectDelay
                    + " to " + maxReconnectDelay);
        }
    }

    /**
     * TLS by PEM files.
     *
     * @param trust CA certificates of the broker
     * @param certificate this client's certificate chain, with {@code key}; absent for server-only TLS
     * @param moments when it may be now: the broker's certificate must be valid at one of them. Asked before every CONNECT;
     *     for machines whose clock cannot be relied on
     */
    public record Tls(
            Path trust,
            Optional<Path> certificate,
            Optional<Path> key,
            boolean verifyHostname,
            Supplier<List<Instant>> moments) {
        /** By the machine's clock. */
        public Tls(Path trust, Optional<Path> certificate, Optional<Path> key, boolean verifyHostname) {
            this(trust, certificate, key, verifyHostname, () -> List.of(Instant.now()));
        }
    }

    /** Loopback defaults: keep-alive 30 s, back-off 200 ms to 15 s, session kept an hour, receive maximum 64, no will. */
    public static MqttLinkSettings of(String host, int port, String clientId) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                false,
                Duration.ofHours(1),
                64,
                Duration.ofSeconds(30),
                Duration.ofMillis(200),
                Duration.ofSeconds(15),
                Optional.empty(),
                Duration.ofSeconds(60),
                Optional.empty());
    }

    public MqttLinkSettings withWill(Supplier<OutgoingMessage> supplier, Duration delay) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                cleanStart,
                sessionExpiry,
                receiveMaximum,
                keepAlive,
                minReconnectDelay,
                maxReconnectDelay,
                Optional.of(supplier),
                delay,
                tls);
    }

    public MqttLinkSettings withReceiveMaximum(int maximum) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                cleanStart,
                sessionExpiry,
                maximum,
                keepAlive,
                minReconnectDelay,
                maxReconnectDelay,
                will,
                willDelay,
                tls);
    }

    public MqttLinkSettings withSessionExpiry(Duration expiry) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                cleanStart,
                expiry,
                receiveMaximum,
                keepAlive,
                minReconnectDelay,
                maxReconnectDelay,
                will,
                willDelay,
                tls);
    }

    /** @param least before the second attempt; doubled at each further one up to {@code greatest} */
    public MqttLinkSettings withReconnectDelay(Duration least, Duration greatest) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                cleanStart,
                sessionExpiry,
                receiveMaximum,
                keepAlive,
                least,
                greatest,
                will,
                willDelay,
                tls);
    }

    public MqttLinkSettings withTls(Tls files) {
        return new MqttLinkSettings(
                host,
                port,
                clientId,
                cleanStart,
                sessionExpiry,
                receiveMaximum,
                keepAlive,
                minReconnectDelay,
                maxReconnectDelay,
                will,
                willDelay,
                Optional.of(files));
    }
}
