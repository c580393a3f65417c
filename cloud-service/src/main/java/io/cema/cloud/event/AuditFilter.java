package io.cema.cloud.event;

import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemAnswer;
import io.cema.cloud.http.RequestFilters;
import io.cema.cloud.persistence.Patience;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Enters every changing request before it is worked on, and its outcome when it was answered. Where the entry cannot be
 * written, the request is answered 503 and nothing changes. Looking at a device's image counts as well.
 */
@ApplicationScoped
class AuditFilter {
    private static final Logger LOG = Logger.getLogger(AuditFilter.class);
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final Pattern IMAGE = Pattern.compile("/api/v1/samples/[^/]+/[^/]+/image");

    /** Anybody may call these; what comes of a valid claim or key is entered by the enrolment, in its transaction. */
    private static final Pattern BY_PROOF = Pattern.compile("/api/v1/enrolments|/api/v1/devices/[^/]+/certificate");

    private final AuditLog log;
    private final String tenant;

    AuditFilter(AuditLog log, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.log = log;
        this.tenant = tenant;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, RequestFilters.AUDIT);
    }

    private void enter(RoutingContext request) {
        String path = PlainPath.of(request);
        HttpMethod method = request.request().method();
        if (!audited(method, path)) {
            request.next();
            return;
        }
        RequestFilters.after(
                request,
                log.begin(tenant, Actor.of(request), method.name(), path),
                entry -> {
                    request.addEndHandler(answered -> {
                        if (answered.succeeded()) { // else the caller hung up, and the outcome stays unknown
                            leave(request, entry);
                        }
                    });
                    request.next();
                },
                failure -> ProblemAnswer.send(request, failure));
    }

    private void leave(RoutingContext request, long entry) {
        Optional<String> created = Optional.ofNullable(
                        request.response().headers().get("Location"))
                .map(AuditFilter::path);
        int status = request.response().getStatusCode();
        Patience.untilDatabaseAnswers(log.end(tenant, entry, status, created))
                .subscribe()
                .with(
                        done -> {},
                        failure -> LOG.errorf(failure, "audit entry %d: its outcome %d is lost", entry, status));
    }

    private static boolean audited(HttpMethod method, String path) {
        if (method.equals(HttpMethod.GET)) {
            return IMAGE.matcher(path).matches();
        }
        return !READING.contains(method)
                && !(method.equals(HttpMethod.POST) && BY_PROOF.matcher(path).matches());
    }

    /** The answer names it by its whole address. */
    private static String path(String location) {
        int at = location.indexOf("/api/");
        return at < 0 ? location : location.substring(at);
    }
}
