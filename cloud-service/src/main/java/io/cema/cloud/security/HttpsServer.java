package io.cema.cloud.security;

import io.cema.cloud.persistence.ServiceClock;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jboss.logging.Logger;

/**
 * Where there is an authority there is HTTPS, on {@code quarkus.http.ssl-port}: with a certificate of the authority, and
 * asking for one of it. People have none and show a token; who shows one of somebody else gets no connection. What a
 * certificate opens, {@link DeviceDownloads} decides for each request.
 */
@Singleton
class HttpsServer implements HttpServerOptionsCustomizer {
    private static final Logger LOG = Logger.getLogger(HttpsServer.class);
    private static final String LOOPBACK = "127.0.0.1";

    private final PlatformAuthority platform;
    private final SecuritySettings settings;
    private final ServiceClock clock;
    /** Null before there is HTTPS. */
    private volatile ServerKeys keys;

    HttpsServer(PlatformAuthority platform, SecuritySettings settings, ServiceClock clock) {
        this.platform = platform;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        if (!platform.enabled() || isLoopback(options.getHost())) {
            return;
        }
        if (settings.plainHttp() == SecuritySettings.PlainHttp.LOOPBACK) {
            options.setHost(LOOPBACK);
        } else {
            LOG.warnf(
                    "cema.security.plain-http=anywhere: tokens that come to %s:%d can be read on their way",
                    options.getHost(), options.getPort());
        }
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        if (!platform.enabled()) {
            return;
        }
        AuthorityFolder folder = platform.ready();
        keys = new ServerKeys(
                folder.file(PlatformAuthority.HTTPS + ".pem"), folder.file(PlatformAuthority.HTTPS + ".key"));
        options.setKeyCertOptions(KeyCertOptions.wrap(keys))
                .setTrustOptions(
                        TrustOptions.wrap(new ClientTrust(folder.authority().certificate(), clock)))
                .setClientAuth(ClientAuth.REQUEST);
    }

    /** Connections from now on see the certificate that the folder holds now. Short file I/O. */
    void readKeys() {
        ServerKeys present = keys;
        if (present != null) {
            present.read();
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // listening there fails by itself
        }
    }
}
