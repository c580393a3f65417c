package io.cema.cloud.persistence;

import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What is sent by {@code pg_notify}, on one connection of this process, made again for as long as it takes. Notifications
 * sent while it is away are lost, so nobody may rely on them alone: whoever listens looks by himself meanwhile.
 */
@ApplicationScoped
public class DatabaseNotifications {
    private static final Logger LOG = Logger.getLogger(DatabaseNotifications.class);
    private static final long RETRY_MILLIS = 2000;

    private final Vertx vertx;
    private final PgSubscriber subscriber;
    private volatile boolean stopped;

    DatabaseNotifications(
            Vertx vertx,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
            @ConfigProperty(name = "cema.database.user") String user,
            @ConfigProperty(name = "cema.database.password") String password) {
        this.vertx = vertx;
        this.subscriber = PgSubscriber.subscriber(
                        vertx, PgConnectOptions.fromUri(url).setUser(user).setPassword(password))
                .reconnectPolicy(attempt -> RETRY_MILLIS);
    }

    /** @param receiver is given the payloads, on an event loop; must not block */
    public void listen(String channel, Consumer<String> receiver) {
        subscriber.channel(channel).handler(receiver::accept);
    }

    /** False while notifications are lost. */
    public boolean connected() {
        return subscriber.actualConnection() != null;
    }

    void start(@Observes SchemaReady ready) {
        connect();
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        subscriber.close();
    }

    private void connect() {
        subscriber.connect().onFailure(e -> {
            if (!stopped) {
                LOG.warnf("no notifications of the database, trying again in %d ms: %s", RETRY_MILLIS, e.getMessage());
                vertx.setTimer(RETRY_MILLIS, again -> connect());
            }
        });
    }
}
