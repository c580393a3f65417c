package io.cema.cloud.http.idempotency;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemAnswer;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.RequestFilters;
import io.cema.cloud.http.idempotency.IdempotencyKeys.Key;
import io.cema.cloud.http.idempotency.IdempotencyKeys.Known;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Stands before every POST with an {@code Idempotency-Key}: what was answered is answered again, and nothing is done
 * twice. Where that cannot be known, the request is refused.
 */
@ApplicationScoped
class IdempotencyFilter {
    static final String HEADER = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";

    /** Devices prove themselves there, and may ask again by design. */
    static final Pattern BY_PROOF = Pattern.compile("/api/v1/enrolments|/api/v1/devices/[^/]+/certificate");

    private static final Logger LOG = Logger.getLogger(IdempotencyFilter.class);
    private static final Pattern KEY = Pattern.compile("[!-~]{1,100}");

    private final IdempotencyKeys keys;

    IdempotencyFilter(IdempotencyKeys keys) {
        this.keys = keys;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, RequestFilters.IDEMPOTENCY);
    }

    private void enter(RoutingContext request) {
        String text = request.request().getHeader(HEADER);
        if (text == null
                || !request.request().method().equals(HttpMethod.POST)
                || BY_PROOF.matcher(PlainPath.of(request)).matches()) {
            request.next();
            return;
        }
        if (!KEY.matcher(text).matches()) {
            ProblemAnswer.send(
                    request,
                    ProblemException.invalid(HEADER
                            + " must be 1 to 100 printable ASCII characters without spaces, a UUID for example"));
            return;
        }
        RequestDigest.of(request)
                .onSuccess(digest -> take(request, new Key(Actor.of(request).who(), text, digest)))
                .onFailure(e -> ProblemAnswer.send(request, e));
    }

    private void take(RoutingContext request, Key key) {
        RequestFilters.after(
                request, keys.take(key), known -> go(request, key, known), e -> ProblemAnswer.send(request, e));
    }

    private void go(RoutingContext request, Key key, Known known) {
        if (known instanceof Known.New) {
            PendingAnswer pending = PendingAnswer.attach(request, key);
            request.addEndHandler(answered -> {
                if (answered.succeeded() && pending.settle()) { // by another filter: no resource had it
                    keys.release(key)
                            .subscribe()
                            .with(done -> {}, e -> LOG.warnf("key %s is not released: %s", key.text(), e.getMessage()));
                }
            });
            request.next();
        } else if (known instanceof Known.Answered answered) {
            repeat(request, key, answered.answer());
        } else if (known instanceof Known.AtWork) {
            ProblemAnswer.send(
                    request,
                    new ProblemException(
                            409,
                            "idempotency-at-work",
                            "At work",
                            "a request with " + HEADER + " " + key.text() + " is being worked on, or its process ended"
                                    + " before it answered: ask again; if that does not help, look whether it was done"
                                    + " and use a new key"));
        } else {
            ProblemAnswer.send(
                    request,
                    ProblemException.unprocessable(
                            "idempotency-key-reused",
                            "Another request",
                            HEADER + " " + key.text()
                                    + " was used for another request within 24 hours; use a new one"));
        }
    }

    private static void repeat(RoutingContext request, Key key, KeptAnswer answer) {
        if (answer.secret()) {
            ProblemAnswer.send(
                    request,
                    ProblemException.conflict("the request with " + HEADER + " " + key.text()
                            + " was done and made " + answer.headers().getOrDefault("Location", "what it asked for")
                            + "; its answer held a secret, which is kept nowhere: withdraw that and use a new key"));
            return;
        }
        request.response().setStatusCode(answer.status()).putHeader(REPLAYED, "true");
        answer.headers().forEach(request.response()::putHeader);
        request.response().end(answer.body().map(Buffer::buffer).orElseGet(Buffer::buffer));
        request.request().resume();
    }
}
