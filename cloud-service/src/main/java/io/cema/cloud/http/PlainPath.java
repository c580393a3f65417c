package io.cema.cloud.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Refuses paths that can be written in more than one way (escapes, matrix parameters, empty or dotted segments), so that
 * what is decided by the path is decided about the resource that answers.
 */
@ApplicationScoped
public class PlainPath {
    private static final Pattern PLAIN = Pattern.compile("/|(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+)+/?");

    void register(@Observes Filters filters) {
        filters.register(PlainPath::check, RequestFilters.PLAIN_PATH);
    }

    /** The request's path without a slash at its end. */
    public static String of(RoutingContext request) {
        String path = request.request().path();
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    static boolean isPlain(String path) {
        return path != null && PLAIN.matcher(path).matches();
    }

    private static void check(RoutingContext request) {
        if (isPlain(request.request().path())) {
            request.next();
        } else {
            ProblemAnswer.send(
                    request,
                    ProblemException.invalid("the path has something else than letters, digits, '.', '_' and '-'"
                            + " between single slashes; no id here needs more"));
        }
    }
}
