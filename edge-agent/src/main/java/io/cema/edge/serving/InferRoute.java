package io.cema.edge.serving;

import io.cema.edge.inference.InferenceException;
import io.cema.edge.serving.InferRequestReader.Received;
import io.cema.edge.serving.InferResponseWriter.Reply;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;

/**
 * Inference over REST. A route of its own rather than a method of {@link OpenInferenceResource}: JAX-RS would cost about as
 * much of the processor as the rest of a request that is not the model's run. Runs on event loops, which read small bodies and
 * run quick models themselves, and blocks on nothing: a client who sends slowly keeps no thread waiting.
 */
@ApplicationScoped
class InferRoute {
    private static final CharSequence JSON_LENGTH = HttpHeaders.createOptimized(InferRequestReader.JSON_LENGTH);
    private static final Set<String> READABLE =
            Set.of("application/json", "application/octet-stream", "application/*", "*/*");

    private final InferenceDesk desk;
    private final ServingLimits limits;

    InferRoute(InferenceDesk desk, ServingLimits limits) {
        this.desk = desk;
        this.limits = limits;
    }

    void register(@Observes Router router) {
        router.route("/v2/models/:model/infer").handler(context -> take(context, ""));
        router.route("/v2/models/:model/versions/:version/infer")
                .handler(context -> take(context, context.pathParam("version")));
    }

    private void take(RoutingContext context, String version) {
        HttpServerRequest request = context.request();
        if (!request.method().equals(HttpMethod.POST)) {
            otherMethod(context);
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            context.response().writeContinue();
        }
        RequestBody body = new RequestBody(request.getHeader(HttpHeaders.CONTENT_LENGTH), limits);
        request.pause();
        request.handler(part -> {
            try {
                body.add(part);
            } catch (InferenceRequestException e) {
                RestRefusal.send(context, e);
            }
        });
        request.endHandler(end -> {
            if (!context.response().ended()) {
                answer(context, version, body.bytes());
            }
        });
        request.resume();
    }

    private void answer(RoutingContext context, String version, byte[] body) {
        HttpServerRequest request = context.request();
        String jsonLength = request.getHeader(JSON_LENGTH);
        String model = context.pathParam("model");
        Future<Received> received;
        try {
            requireReadable(
                    request.getHeader(HttpHeaders.CONTENT_TYPE), request.getHeader(HttpHeaders.CONTENT_ENCODING));
            received = InferRequestReader.quick(body.length, jsonLength)
                    ? Future.succeededFuture(InferRequestReader.read(model, version, body, jsonLength))
                    : context.vertx()
                            .executeBlocking(() -> InferRequestReader.read(model, version, body, jsonLength), false);
        } catch (InferenceRequestException e) {
            RestRefusal.send(context, e);
            return;
        } catch (RuntimeException e) {
            context.fail(e);
            return;
        }
        // Whoever ran the model: the answer is written on the event loop of its connection.
        received.compose(r -> Future.fromCompletionStage(desk.answer(r.call()), Vertx.currentContext())
                        .map(answer -> InferResponseWriter.write(r, answer)))
                .onSuccess(reply -> send(context.response(), reply))
                .onFailure(failure -> fail(context, failure));
    }

    private static void send(HttpServerResponse response, Reply reply) {
        if (response.closed()) {
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, reply.contentType());
        reply.jsonLength().ifPresent(length -> response.putHeader(JSON_LENGTH, Integer.toString(length)));
        response.end(Buffer.buffer(reply.body()));
    }

    private static void fail(RoutingContext context, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (context.response().closed()) {
            return;
        }
        if (cause instanceof InferenceRequestException refused) {
            RestRefusal.send(context, refused);
        } else if (cause instanceof InferenceException failed) {
            RestRefusal.problem(context, 500, failed.getMessage());
        } else {
            context.fail(cause);
        }
    }

    private static void otherMethod(RoutingContext context) {
        context.response().putHeader(HttpHeaders.ALLOW, "POST, OPTIONS");
        if (context.request().method().equals(HttpMethod.OPTIONS)) {
            context.response().end();
        } else {
            RestRefusal.problem(
                    context,
                    405,
                    "405 Method Not Allowed at " + context.normalizedPath() + ": HTTP 405 Method Not Allowed");
        }
        context.request().resume();
    }

    /** A client need not say what it sends: Triton's does not. */
    private static void requireReadable(String type, String encoding) {
        if (type != null && !READABLE.contains(withoutParameters(type))) {
            throw new InferenceRequestException(
                    Refusal.WRONG_TYPE,
                    "Content-Type is " + type + "; send application/json, or application/octet-stream with binary"
                            + " tensors");
        }
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new InferenceRequestException(
                    Refusal.WRONG_TYPE, "Content-Encoding is " + encoding + "; send the body uncompressed");
        }
    }

    private static String withoutParameters(String mediaType) {
        int end = mediaType.indexOf(';');
        return (end < 0 ? mediaType : mediaType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
    }
}
