package io.cema.cloud.messaging;

import io.cema.protocol.mqtt.IncomingMessage;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.providers.locals.ContextAwareMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/** A message on its way through a channel. Made on a Vert.x context, whose duplicate it carries. */
final class IncomingMqttMessage implements ContextAwareMessage<byte[]> {
    private final IncomingMessage message;
    private final Metadata metadata;
    private final Consumer<IncomingMessage> onAck;
    private final BiFunction<IncomingMessage, Throwable, Uni<Void>> onNack;

    IncomingMqttMessage(
            IncomingMessage message,
            Consumer<IncomingMessage> onAck,
            BiFunction<IncomingMessage, Throwable, Uni<Void>> onNack) {
        this.message = message;
        this.onAck = onAck;
        this.onNack = onNack;
        this.metadata = ContextAwareMessage.captureContextMetadata(IncomingMqttMetadata.of(message));
    }

    @Override
    public byte[] getPayload() {
        return message.payload();
    }

    @Override
    public Metadata getMetadata() {
        return metadata;
    }

    @Override
    public Function<Metadata, CompletionStage<Void>> getAckWithMetadata() {
        return ignored -> {
            onAck.accept(message);
            return CompletableFuture.completedFuture(null);
        };
    }

    @Override
    public BiFunction<Throwable, Metadata, CompletionStage<Void>> getNackWithMetadata() {
        return (reason, ignored) -> onNack.apply(message, reason).subscribeAsCompletionStage();
    }
}
