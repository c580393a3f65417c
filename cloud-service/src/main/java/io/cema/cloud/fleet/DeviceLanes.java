package io.cema.cloud.fleet;

import io.cema.cloud.messaging.IncomingMqttMetadata;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Takes a channel's messages in a few lanes side by side: what one device says keeps its order, and no device waits for the
 * commit of every other. A message is acknowledged when its work is done, and nacked if that failed.
 */
final class DeviceLanes {
    private static final Logger LOG = Logger.getLogger(DeviceLanes.class);

    /** Of one channel; with all channels together they leave some of the database's connections to others. */
    private static final int LANES = 4;

    private DeviceLanes() {}

    /**
     * The end of a channel.
     *
     * @param work with a message's topic and payload
     */
    static Flow.Subscriber<Message<byte[]>> of(BiFunction<String, byte[], Uni<Void>> work) {
        return MultiUtils.<Message<byte[]>, Void>via(messages -> messages.group()
                .by(DeviceLanes::lane)
                .onItem()
                .transformToMulti(lane -> lane.onItem().transformToUniAndConcatenate(message -> handled(message, work)))
                .merge(LANES));
    }

    private static int lane(Message<byte[]> message) {
        return Math.floorMod(topic(message).hashCode(), LANES);
    }

    private static String topic(Message<byte[]> message) {
        return message.getMetadata(IncomingMqttMetadata.class)
                .map(IncomingMqttMetadata::topic)
                .orElse("");
    }

    private static Uni<Void> handled(Message<byte[]> message, BiFunction<String, byte[], Uni<Void>> work) {
        return Uni.createFrom()
                .deferred(() -> work.apply(topic(message), message.getPayload()))
                .onItemOrFailure()
                .transformToUni((done, failure) ->
                        Uni.createFrom().completionStage(failure == null ? message.ack() : message.nack(failure)))
                .onFailure()
                .recoverWithUni(e -> {
                    // The channel's failure strategy could not take it either, and has said so by its health.
                    LOG.debugf(e, "message of %s stays unacknowledged", topic(message));
                    return Uni.createFrom().voidItem();
                });
    }
}
