package io.cema.cloud.webhook;

import io.cema.cloud.persistence.ServiceClock;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.URI;

/**
 * One attempt to deliver. Connects to the address that was found good, and asks there for the host by its name, in TLS too.
 * Follows no redirect, which could lead anywhere, and reads no body. Any thread.
 */
@ApplicationScoped
class WebhookClient {
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private final Vertx vertx;
    private final TargetGuard guard;
    private final WebhookSettings settings;
    private final ServiceClock clock;
    private final HttpClient client;

    WebhookClient(Vertx vertx, TargetGuard guard, WebhookSettings settings, ServiceClock clock) {
        this.vertx = vertx;
        this.guard = guard;
        this.settings = settings;
        this.clock = clock;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setVerifyHost(true).setConnectTimeout((int)
                        settings.timeout().toMillis()));
    }

    void stop(@Observes ShutdownEvent event) {
        client.close();
    }

    /** @return the HTTP status; fails if there is none in time, or the address may not be reached */
    Uni<Integer> post(Delivery delivery) {
        return Uni.createFrom()
                .completionStage(() -> vertx.executeBlocking(
                                () -> {
                                    URI url = guard.requireForm(delivery.url());
                                    return new Target(url, guard.requireReachable(url));
                                },
                                false)
                        .compose(target -> client.request(options(target, delivery))
                                .compose(request -> request.send(Buffer.buffer(delivery.body()))
                                        .map(response -> {
                                            int status = response.statusCode();
                                            request.reset(); // whatever it goes on to say
                                            return status;
                                        })))
                        .toCompletionStage())
                .ifNoItem()
                .after(settings.timeout())
                .fail();
    }

    private record Target(URI url, InetAddress address) {}

    private RequestOptions options(Target target, Delivery delivery) {
        URI url = target.url();
        boolean secure = "https".equalsIgnoreCase(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : secure ? HTTPS : HTTP;
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        long timestamp = clock.instant().getEpochSecond();
        return new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(
                        SocketAddress.inetSocketAddress(port, target.address().getHostAddress()))
                .setHost(url.getHost())
                .setPort(port)
                .setSsl(secure)
                .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
                .setFollowRedirects(false)
                .setTimeout(settings.timeout().toMillis())
                .putHeader("content-type", "application/json")
                .putHeader("user-agent", "cema-webhooks")
                .putHeader("webhook-id", delivery.id())
                .putHeader("webhook-timestamp", Long.toString(timestamp))
                .putHeader(
                        "webhook-signature",
                        WebhookSignature.sign(delivery.secret(), delivery.id(), timestamp, delivery.body()));
    }
}
