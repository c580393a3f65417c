package io.cema.cloud.http;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/** What every request passes before a resource gets it, in this order, and how to wait in one of these places. */
public final class RequestFilters {
    /** Higher comes first. */
    public static final int PLAIN_PATH = 190;

    public static final int ACCESS = 180;
    public static final int IDEMPOTENCY = 175;
    public static final int AUDIT = 170;

    private RequestFilters() {}

    /**
     * Goes on, on the request's own event loop, when {@code work} has ended. The request's body waits meanwhile: Quarkus
     * hands every request over paused, until somebody reads it.
     */
    public static <T> void after(RoutingContext request, Uni<T> work, Consumer<T> then, Consumer<Throwable> otherwise) {
        Context context = Vertx.currentContext();
        work.emitOn(task -> context.runOnContext(ignored -> task.run()))
                .subscribe()
                .with(then, otherwise);
    }
}
