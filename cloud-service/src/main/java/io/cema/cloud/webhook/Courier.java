package io.cema.cloud.webhook;

import io.cema.cloud.persistence.SchemaReady;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Delivers what waits, so many at a time as the setting says. Looks once a second, and again at once while there is more. Each
 * process has one; what one of them has claimed the others leave alone.
 */
@ApplicationScoped
class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    private static final long PERIOD_MILLIS = 1000;
    private static final int PRUNE_EVERY = 600;

    private final Vertx vertx;
    private final DeliveryQueue queue;
    private final WebhookClient client;
    private final WebhookSettings settings;
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile Long timer;

    Courier(Vertx vertx, DeliveryQueue queue, WebhookClient client, WebhookSettings settings) {
        this.vertx = vertx;
        this.queue = queue;
        this.client = client;
        this.settings = settings;
    }

    void start(@Observes SchemaReady ready) {
        timer = vertx.setPeriodic(PERIOD_MILLIS, id -> look());
    }

    void stop(@Observes ShutdownEvent event) {
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void look() {
        if (looks.incrementAndGet() % PRUNE_EVERY == 0) {
            quietly(queue.prune(), "ended deliveries are removed later");
        }
        int free = settings.concurrency() - busy.get();
        if (free > 0) {
            quietly(
                    queue.claim(free).invoke(claimed -> {
                        busy.addAndGet(claimed.size());
                        claimed.forEach(this::deliver);
                    }),
                    "deliveries are looked for again");
        }
    }

    private void deliver(Delivery delivery) {
        Uni<Void> attempt = client.post(delivery).onItemOrFailure().transformToUni((status, failure) -> {
            if (failure != null) {
                return queue.failed(delivery, Optional.empty(), problem(failure));
            }
            return status >= 200 && status < 300
                    ? queue.delivered(delivery, status)
                    : queue.failed(delivery, Optional.of(status), "it answered " + status);
        });
        quietly(attempt.onTermination().invoke(busy::decrementAndGet), "delivery " + delivery.id() + " is repeated");
    }

    private static String problem(Throwable failure) {
        return failure instanceof TimeoutException
                ? "it did not answer in time"
                : Optional.ofNullable(failure.getMessage())
                        .orElse(failure.getClass().getSimpleName());
    }

    private static void quietly(Uni<?> work, String otherwise) {
        work.subscribe().with(done -> {}, e -> LOG.debugf("%s: %s", otherwise, e.getMessage()));
    }
}
