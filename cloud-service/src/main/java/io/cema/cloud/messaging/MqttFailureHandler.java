package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.IncomingMessage;
import io.smallrye.mutiny.Uni;

/** What becomes of a message whose processing failed. A bean with an {@code @Identifier}, chosen per channel. */
interface MqttFailureHandler {
    /**
     * @return completes when the message may be acknowledged; fails if it must not, which reports the channel as not
     *     alive
     */
    Uni<Void> handle(String channel, IncomingMessage message, Throwable reason);
}
