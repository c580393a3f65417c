package io.cema.cloud.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Clients made from the OpenAPI document accept problems alone of an operation that answers nothing else. That names what
 * they read if it fails, and is no wish for an answer that does not exist: they read JSON.
 */
@ApplicationScoped
class ProblemAccept {
    private static final String ACCEPT = "Accept";

    void register(@Observes Filters filters) {
        filters.register(ProblemAccept::widen, RequestFilters.PLAIN_PATH);
    }

    private static void widen(RoutingContext request) {
        MultiMap headers = request.request().headers();
        if (Problem.MEDIA_TYPE.equals(headers.get(ACCEPT))) {
            headers.set(ACCEPT, Problem.MEDIA_TYPE + ", application/json");
        }
        request.next();
    }
}
