package io.cema.cloud.page;

import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemAnswer;
import io.cema.cloud.http.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Answers below {@code /ui}: files under {@code assets} by their names, which change with their content, and for every other
 * path the page itself, which knows its places. Nothing outside of {@code /ui} and {@code /} comes here. Event loop.
 */
@ApplicationScoped
class OperatorPage {
    private static final Logger LOG = Logger.getLogger(OperatorPage.class);
    private static final String ROOT = "/ui";
    private static final String ASSETS = "assets/";
    /** Before the routes of the framework. */
    private static final int ORDER = 0;

    /** Everything from this service alone, nothing written into the page; images come as objects of the page's memory. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String FOR_EVER = "public, max-age=31536000, immutable";
    private static final String ASK_EACH_TIME = "no-cache";

    private final PageFiles files = PageFiles.load();

    void register(@Observes Router router) {
        if (!files.built()) {
            LOG.warn("the service was built without the operator's page; /ui says how to get it");
        }
        router.get("/").order(ORDER).handler(OperatorPage::redirect);
        router.head("/").order(ORDER).handler(OperatorPage::redirect);
        router.get(ROOT + "*").order(ORDER).handler(this::answer);
        router.head(ROOT + "*").order(ORDER).handler(this::answer);
    }

    private static void redirect(RoutingContext request) {
        request.response().setStatusCode(302).putHeader("Location", ROOT + "/").end();
        request.request().resume();
    }

    private void answer(RoutingContext request) {
        String path = PlainPath.of(request);
        if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
            request.next(); // /uix
            return;
        }
        String name = path.equals(ROOT) ? "" : path.substring(ROOT.length() + 1);
        if (!name.startsWith(ASSETS)) {
            send(request, files.index(), ASK_EACH_TIME);
            return;
        }
        Optional<PageFile> file = files.find(name);
        if (file.isPresent()) {
            send(request, file.get(), FOR_EVER);
        } else {
            ProblemAnswer.send(
                    request,
                    ProblemException.notFound("the operator's page has no file " + name
                            + "; reload the page, the service may have been updated"));
        }
    }

    private static void send(RoutingContext request, PageFile file, String caching) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cache-Control", caching)
                .putHeader("Vary", "Accept-Encoding")
                .putHeader("ETag", file.tag());
        request.request().resume();
        if (file.tag().equals(request.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        String accepted = request.request().getHeader("Accept-Encoding");
        boolean gzip = accepted != null && accepted.contains("gzip");
        byte[] content = gzip ? file.compressed() : file.content();
        response.putHeader("Content-Type", file.type()).putHeader("Content-Length", Integer.toString(content.length));
        if (gzip) {
            response.putHeader("Content-Encoding", "gzip");
        }
        if (request.request().method().name().equals("HEAD")) {
            response.end();
        } else {
            response.end(Buffer.buffer(content));
        }
    }
}
