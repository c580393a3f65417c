package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cema.edge.cloud.ClientCertificate;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.PlainHttp;
import io.cema.edge.enrolment.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that {@link ArtefactCacheTest} promises, over TLS with the device's certificate. */
class ArtefactCacheTlsTest extends ArtefactCacheTest {
    @TempDir
    static Path certificates;

    private static SSLContext cloud;
    private static ClientCertificate device;
    private static ClientCertificate elsewhere;

    @BeforeAll
    static void issue() throws Exception {
        TestAuthority authority = TestAuthority.create(certificates.resolve("authority"));
        cloud = authority.server();
        device = authority.device(certificates.resolve("device"), "default/d/cam-1");
        elsewhere = TestAuthority.create(certificates.resolve("other"))
                .device(certificates.resolve("elsewhere"), "default/d/cam-1");
    }

    @Override
    HttpServer server(InetSocketAddress address) throws IOException {
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(cloud) {
            @Override
            public void configure(HttpsParameters connection) {
                SSLParameters asking = cloud.getDefaultSSLParameters();
                asking.setNeedClientAuth(true);
                connection.setSSLParameters(asking);
            }
        });
        return server;
    }

    @Override
    CloudConnection cloud(int port) {
        return connection(URI.create("https://localhost:" + port), device);
    }

    @Test
    void fetch_cloudOfAnotherAuthority_isRefusedWithTheRemedyAndNothingIsKept() {
        ArtefactCache stranger =
                new ArtefactCache(folder, connection(cloud(port()).at("/"), elsewhere));

        assertThatThrownBy(() -> stranger.fetch("0".repeat(64), 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("https://localhost:" + port())
                .hasMessageContaining("another authority than this device was enrolled by")
                .hasMessageContaining("new claim");
        assertThat(stranger.received("0".repeat(64))).isZero();
    }

    @Test
    void fetch_httpAddressWithACertificate_isRefusedForGood() {
        ArtefactCache plain = new ArtefactCache(folder, connection(URI.create("http://localhost:" + port()), device));

        assertThatThrownBy(() -> plain.fetch("0".repeat(64), 10))
                .isInstanceOf(ArtefactException.class)
                .hasMessageContaining("HTTPS alone");
    }

    private static CloudConnection connection(URI address, ClientCertificate own) {
        return new CloudConnection(address, PlainHttp.LOOPBACK, () -> Optional.of(own), () -> List.of(Instant.now()));
    }
}
