package io.cema.cloud.messaging;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;

/** The failure strategies by name. */
@ApplicationScoped
class MqttFailureHandlers {
    private final Instance<MqttFailureHandler> handlers;

    MqttFailureHandlers(@Any Instance<MqttFailureHandler> handlers) {
        this.handlers = handlers;
    }

    MqttFailureHandler named(String name) {
        Instance<MqttFailureHandler> found = handlers.select(Identifier.Literal.of(name));
        if (!found.isResolvable()) {
            throw new IllegalArgumentException("no failure-strategy '" + name + "'; use '" + DeadLetterHandler.NAME
                    + "', '" + FailHandler.NAME + "' or the @Identifier of a MqttFailureHandler bean");
        }
        return found.get();
    }
}
