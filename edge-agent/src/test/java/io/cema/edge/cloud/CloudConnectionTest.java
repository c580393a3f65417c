package io.cema.edge.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cema.edge.enrolment.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the device trusts, what it shows, and what it says when that does not work out; over real TLS. */
class CloudConnectionTest {
    private static final String NOBODY = "nobody";

    @TempDir
    static Path data;

    private static TestAuthority authority;
    private static SSLContext right;
    private static ClientCertificate device;

    private HttpServer server;

    @BeforeAll
    static void issue() throws Exception {
        authority = TestAuthority.create(data.resolve("authority"));
        right = authority.server();
        device = authority.device(data.resolve("device"), "default/d/cam-1");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void asDevice_showsItsCertificate() throws Exception {
        assertThat(ask(connection(serve(right), device).asDevice())).isEqualTo("CN=default/d/cam-1");
    }

    @Test
    void asDevice_afterARenewal_showsTheNewCertificate() throws Exception {
        ClientCertificate files = authority.device(data.resolve("renewed"), "default/d/cam-2");
        CloudConnection connection = connection(serve(right), files);
        assertThat(ask(connection.asDevice())).isEqualTo("CN=default/d/cam-2");

        ClientCertificate next = authority.device(data.resolve("next"), "default/d/cam-2-renewed");
        Files.move(next.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.move(next.chain(), files.chain(), StandardCopyOption.REPLACE_EXISTING);

        assertThat(ask(connection.asDevice())).isEqualTo("CN=default/d/cam-2-renewed");
    }

    @Test
    void trusting_showsNothing() throws Exception {
        assertThat(ask(connection(serve(right), device).trusting(device.authority())))
                .isEqualTo(NOBODY);
    }

    @Test
    void trusting_theFingerprintOfAClaim_reachesTheCloudThatMadeIt() throws Exception {
        assertThat(ask(unenrolled(serve(right)).trusting(authority.fingerprint())))
                .isEqualTo(NOBODY);
    }

    @Test
    void trusting_anotherFingerprint_reachesNobody() throws Exception {
        CloudConnection connection = unenrolled(serve(right));

        assertThatThrownBy(() -> ask(connection, connection.trusting("0".repeat(64))))
                .hasMessageContaining("not the cloud that made the claim");
    }

    @Test
    void trusting_theFingerprintOfAnAuthorityThatSignedNothingHere_reachesNobody() throws Exception {
        TestAuthority other = TestAuthority.create(data.resolve("other"));
        CloudConnection connection = unenrolled(serve(right));

        assertThatThrownBy(() -> ask(connection, connection.trusting(other.fingerprint())))
                .hasMessageContaining("not the cloud that made the claim");
    }

    @Test
    void cloudUnderAnotherName_isRefusedWithTheRemedy() throws Exception {
        CloudConnection connection = connection(serve(authority.server("-ext", "san=dns:elsewhere.example")), device);

        assertThatThrownBy(() -> ask(connection, connection.asDevice()))
                .hasMessageContaining("cema.security.https-names including localhost");
    }

    @Test
    void cloudWhoseCertificateHasEnded_isRefusedWithTheRemedy() throws Exception {
        CloudConnection connection =
                connection(serve(authority.server("-startdate", "-10d", "-validity", "5")), device);

        assertThatThrownBy(() -> ask(connection, connection.asDevice()))
                .hasMessageContaining("not valid now")
                .hasMessageContaining("restart the cloud service");
    }

    @Test
    void deviceWhoseCertificateHasEnded_isToldSoBeforeItAsks() throws Exception {
        ClientCertificate ended =
                authority.device(data.resolve("ended"), "default/d/cam-3", "-startdate", "-10d", "-validity", "5");
        CloudConnection connection = connection(URI.create("https://localhost:8443"), ended);

        assertThatThrownBy(connection::asDevice)
                .hasMessageContaining(ended.chain().toString())
                .hasMessageContaining("an admin approves");
    }

    @Test
    void portWithoutTls_isNamed() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answerPlainly(plain));
            answering.start();
            URI address = URI.create("https://localhost:" + plain.getLocalPort());
            CloudConnection connection = connection(address, device);

            assertThatThrownBy(() -> {
                        try {
                            ask(connection.asDevice(), address);
                        } catch (IOException e) {
                            throw connection.explained(e);
                        }
                    })
                    .hasMessageContaining("does not speak TLS");
            answering.join();
        }
    }

    private static void answerPlainly(ServerSocket plain) {
        try (Socket socket = plain.accept()) {
            socket.getInputStream().read();
            socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void asDevice_withoutACertificate_saysHowToGetOne() {
        assertThatThrownBy(
                        () -> unenrolled(URI.create("https://localhost:8443")).asDevice())
                .isInstanceOf(CloudException.class)
                .hasMessageContaining("https://localhost:8443")
                .hasMessageContaining("cema.enrol.claim");
    }

    @Test
    void httpAddress_isNoFallback() {
        assertThatThrownBy(() -> plain("http://localhost:8080", PlainHttp.NEVER).asDevice())
                .isInstanceOf(CloudException.class)
                .hasMessageContaining("http://localhost:8080")
                .hasMessageContaining("cema.cloud.plain-http=loopback");
    }

    @Test
    void httpAddressOfAnotherMachine_isNotLoopback() {
        assertThatThrownBy(
                        () -> plain("http://192.0.2.1:8080", PlainHttp.LOOPBACK).asDevice())
                .isInstanceOf(CloudException.class)
                .hasMessageContaining("plain-http is loopback");
    }

    @Test
    void httpAddress_goesWhereTheSettingSaysSo() {
        assertThat(plain("http://localhost:8080", PlainHttp.LOOPBACK).problem()).isEmpty();
        assertThat(plain("http://192.0.2.1:8080", PlainHttp.ANYWHERE).problem()).isEmpty();
    }

    @Test
    void httpAddress_isNothingForADeviceWithACertificate() {
        CloudConnection connection = new CloudConnection(
                URI.create("http://localhost:8080"), PlainHttp.ANYWHERE, () -> Optional.of(device), List::of);

        assertThat(connection.problem()).hasValueSatisfying(p -> assertThat(p).contains("HTTPS alone"));
    }

    @Test
    void addressThatIsNone_isNamed() {
        assertThat(plain("cloud.example:8443", PlainHttp.ANYWHERE).problem())
                .hasValueSatisfying(
                        p -> assertThat(p).contains("cema.cloud.url").contains("https://"));
    }

    private URI serve(SSLContext context) throws IOException {
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters connection) {
                SSLParameters asking = context.getDefaultSSLParameters();
                asking.setWantClientAuth(true);
                connection.setSSLParameters(asking);
            }
        });
        https.createContext("/who", exchange -> {
            byte[] who = who((HttpsExchange) exchange).getBytes();
            exchange.sendResponseHeaders(200, who.length);
            exchange.getResponseBody().write(who);
            exchange.close();
        });
        https.start();
        server = https;
        return address("https");
    }

    private static String who(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return NOBODY;
        }
    }

    private URI address(String scheme) {
        return URI.create(scheme + "://localhost:" + server.getAddress().getPort());
    }

    private String ask(HttpClient client) throws IOException, InterruptedException {
        return ask(client, address("https"));
    }

    private static String ask(HttpClient client, URI address) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(address.resolve("/who")).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private String ask(CloudConnection connection, HttpClient client) throws IOException, InterruptedException {
        try {
            return ask(client);
        } catch (IOException e) {
            throw connection.explained(e);
        }
    }

    private static CloudConnection connection(URI address, ClientCertificate own) {
        return new CloudConnection(address, PlainHttp.NEVER, () -> Optional.of(own), () -> List.of(Instant.now()));
    }

    private static CloudConnection unenrolled(URI address) {
        return new CloudConnection(address, PlainHttp.NEVER, Optional::empty, () -> List.of(Instant.now()));
    }

    private static CloudConnection plain(String address, PlainHttp plain) {
        return new CloudConnection(URI.create(address), plain, Optional::empty, List::of);
    }
}
