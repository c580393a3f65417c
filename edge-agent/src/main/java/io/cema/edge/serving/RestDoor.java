package io.cema.edge.serving;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Turns inference requests away before their body is read: those too large, and those too many. Runs on event loops and
 * does not block.
 */
@ApplicationScoped
class RestDoor {
    /** Before Quarkus's own limit of the body, which would answer without saying why. */
    private static final int PRIORITY = 500;

    private final ServingLimits limits;
    private final Admission admission;

    RestDoor(ServingLimits limits, Admission admission) {
        this.limits = limits;
        this.admission = admission;
    }

    void register(@Observes Filters filters) {
        filters.register(this::admit, PRIORITY);
    }

    private void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = context.normalizedPath();
        boolean inference = request.method().equals(HttpMethod.POST)
                && (path.startsWith("/v2/models/") || path.equals("/v1/classify"));
        if (!inference) {
            context.next();
            return;
        }
        try {
            limits.requireSize(announced(request));
            admission.enter();
        } catch (InferenceRequestException e) {
            RestRefusal.send(context, e);
            request.resume();
            return;
        }
        context.addEndHandler(ended -> admission.leave());
        context.next();
    }

    /** 0 for a body whose length is not announced; it is counted while it is read. */
    private static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }
}
