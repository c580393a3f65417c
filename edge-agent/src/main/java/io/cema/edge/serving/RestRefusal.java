package io.cema.edge.serving;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Refusals in the form of the Open Inference Protocol, where no JAX-RS is passed. On the event loop of the connection. */
final class RestRefusal {
    private RestRefusal() {}

    static void send(RoutingContext context, InferenceRequestException e) {
        HttpServerResponse response = context.response();
        e.refusal().retrySeconds().ifPresent(s -> response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(s)));
        if (e.refusal() == Refusal.TOO_LARGE && context.request().version() != HttpVersion.HTTP_2) {
            // Not worth reading to its end for the sake of what may follow on this connection.
            response.putHeader(HttpHeaders.CONNECTION, "close");
        }
        problem(context, e.refusal().httpStatus(), e.getMessage());
    }

    static void problem(RoutingContext context, int status, String message) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(JsonObject.of("error", message).encode());
    }
}
