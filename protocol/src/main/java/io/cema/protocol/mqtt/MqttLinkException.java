package io.cema.protocol.mqtt;

/** A publish or subscribe that did not reach the broker. */
public final class MqttLinkException extends RuntimeException {
    public MqttLinkException(String message) {
        super(message);
    }

    public MqttLinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
