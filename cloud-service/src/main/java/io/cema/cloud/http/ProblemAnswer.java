package io.cema.cloud.http;

import io.cema.cloud.persistence.Patience;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Problem details for requests that no resource gets. What is not expected becomes a 500 with a reference to the log. */
public final class ProblemAnswer {
    private static final Logger LOG = Logger.getLogger(ProblemAnswer.class);
    private static final String RETRY_SECONDS = "5";

    private ProblemAnswer() {}

    /** Ends the request. */
    public static void send(RoutingContext request, Throwable failure) {
        ProblemException problem = failure instanceof ProblemException known ? known : unknown(request, failure);
        if (problem.status() == 401) {
            request.response().putHeader("WWW-Authenticate", "Bearer realm=\"cema\"");
        }
        if (problem.status() == 503) {
            request.response().putHeader("Retry-After", RETRY_SECONDS);
        }
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(new JsonObject()
                        .put("type", "urn:cema:problem:" + problem.kind())
                        .put("title", problem.title())
                        .put("status", problem.status())
                        .put("detail", problem.getMessage())
                        .put("instance", request.request().path())
                        .encode());
        request.request().resume(); // what is left of the body is dropped, and the connection can be used again
    }

    private static ProblemException unknown(RoutingContext request, Throwable failure) {
        if (Patience.passes(failure)) {
            LOG.warnf("request %s: the database is away: %s", request.request().path(), failure.getMessage());
            return new ProblemException(
                    503,
                    "database-away",
                    "The database does not answer",
                    "try again in " + RETRY_SECONDS + " s; see /q/health");
        }
        String reference = UUID.randomUUID().toString();
        LOG.errorf(failure, "request %s failed, reference %s", request.request().path(), reference);
        return new ProblemException(
                500,
                "internal",
                "Internal error",
                "an error of the service, not of the request; the log has it as " + reference);
    }
}
