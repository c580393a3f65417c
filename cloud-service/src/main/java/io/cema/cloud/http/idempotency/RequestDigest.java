package io.cema.cloud.http.idempotency;

import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemException;
import io.cema.protocol.model.Digests;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;

/**
 * What a request asks for, as one number: method, path, query, media type and body. A JSON body is read here, and handed
 * on; of others, which may be images by the gigabyte, the length alone counts. On the request's event loop.
 */
final class RequestDigest {
    private static final int LONGEST_JSON = 1 << 20;

    private RequestDigest() {}

    /** Fails with 413 for a JSON body of more than a MiB. */
    static Future<byte[]> of(RoutingContext context) {
        HttpServerRequest request = context.request();
        String type = Optional.ofNullable(request.getHeader("Content-Type")).orElse("");
        String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        MessageDigest digest = Digests.newSha256();
        for (String part : new String[] {
            request.method().name(),
            PlainPath.of(context),
            Optional.ofNullable(request.query()).orElse(""),
            media
        }) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        if (!media.isEmpty() && !media.endsWith("json")) {
            String length = String.valueOf(request.getHeader("Content-Length"));
            return Future.succeededFuture(digest.digest(length.getBytes(StandardCharsets.US_ASCII)));
        }
        return body(request).map(body -> {
            ((RoutingContextInternal) context).setBody(body);
            return digest.digest(body.getBytes());
        });
    }

    private static Future<Buffer> body(HttpServerRequest request) {
        if (request.isEnded()) {
            return Future.succeededFuture(Buffer.buffer());
        }
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() > LONGEST_JSON) {
                whole.tryFail(new ProblemException(
                        413,
                        "body-too-long",
                        "Too long",
                        "a JSON body with an Idempotency-Key has at most " + LONGEST_JSON + " bytes"));
            } else {
                body.appendBuffer(part);
            }
        });
        request.endHandler(ended -> whole.tryComplete(body));
        request.exceptionHandler(whole::tryFail);
        request.resume();
        return whole.future();
    }
}
