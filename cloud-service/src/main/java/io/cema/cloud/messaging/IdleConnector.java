package io.cema.cloud.messaging;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.connector.InboundConnector;
import io.smallrye.reactive.messaging.connector.OutboundConnector;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/** The connector of channels that this process's settings leave out: nothing comes, and what is sent is refused. */
@ApplicationScoped
@Connector(IdleConnector.NAME)
class IdleConnector implements InboundConnector, OutboundConnector {
    static final String NAME = "cema-idle";

    @Override
    public Flow.Publisher<? extends Message<?>> getPublisher(Config config) {
        return Multi.createFrom().nothing();
    }

    @Override
    public Flow.Subscriber<? extends Message<?>> getSubscriber(Config config) {
        String channel = config.getValue("channel-name", String.class);
        return MultiUtils.<Message<?>, Void>via(
                multi -> multi.onItem().transformToUniAndConcatenate(message -> Uni.createFrom()
                        .completionStage(() -> message.nack(new IllegalStateException("channel " + channel
                                + " leads nowhere by this process's" + " settings; see cema.samples.transport")))));
    }
}
