package io.cema.protocol.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS up to a proxy before the real broker, which asks each client for a certificate. Certificates by keytool. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MqttTlsTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    static Path data;

    static StackProcess stack;
    static TcpProxy tls;
    static Identity broker;
    static Identity device;
    static Identity stranger;

    private final List<MqttLink> opened = new ArrayList<>();

    /** @param key PKCS 8 in PEM */
    record Identity(KeyStore store, Path certificate, Path key) {}

    @BeforeAll
    static void start() throws Exception {
        broker = identity("broker", "RSA", "ip:127.0.0.1");
        device = identity("device", "EC", "dns:device");
        stranger = identity("stranger", "EC", "dns:localhost");
        stack = StackProcess.startBrokerOnly(data.resolve("stack"));
        tls = new TcpProxy(stack.brokerPort(), serverSockets(), 0);
    }

    @AfterAll
    static void stop() throws IOException {
        tls.close();
        stack.close();
    }

    @AfterEach
    void closeLinks() {
        opened.forEach(MqttLink::close);
    }

    @Test
    void client_with_a_trusted_certificate_connects() {
        MqttLink link = link("127.0.0.1", broker.certificate, Optional.of(device), true);
        await().atMost(20, TimeUnit.SECONDS).until(link::connected);
    }

    @Test
    void client_without_a_certificate_does_not_connect() throws InterruptedException {
        staysOffline(link("127.0.0.1", broker.certificate, Optional.empty(), true));
    }

    @Test
    void client_with_a_strange_certificate_does_not_connect() throws InterruptedException {
        staysOffline(link("127.0.0.1", broker.certificate, Optional.of(stranger), true));
    }

    @Test
    void broker_that_is_not_trusted_is_refused() throws InterruptedException {
        staysOffline(link("127.0.0.1", stranger.certificate, Optional.of(device), true));
    }

    @Test
    void broker_of_another_name_is_refused() throws InterruptedException {
        staysOffline(link("localhost", broker.certificate, Optional.of(device), true));
    }

    @Test
    void broker_of_another_name_is_accepted_where_names_are_not_verified() {
        MqttLink link = link("localhost", broker.certificate, Optional.of(device), false);
        await().atMost(20, TimeUnit.SECONDS).until(link::connected);
    }

    @Test
    void missing_file_is_named_at_creation() {
        Path missing = data.resolve("nowhere.pem");
        assertThatThrownBy(() -> link("127.0.0.1", missing, Optional.empty(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void key_in_another_form_is_refused_with_the_remedy() throws IOException {
        Path key = data.resolve("pkcs1.pem");
        Files.writeString(key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Identity old = new Identity(device.store, device.certificate, key);
        assertThatThrownBy(() -> link("127.0.0.1", broker.certificate, Optional.of(old), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("openssl pkcs8");
    }

    private MqttLink link(String host, Path trust, Optional<Identity> identity, boolean verify) {
        MqttLink link = MqttLink.create(MqttLinkSettings.of(host, tls.port(), "tls-" + System.nanoTime())
                .withReconnectDelay(Duration.ofMillis(50), Duration.ofMillis(500))
                .withTls(new MqttLinkSettings.Tls(
                        trust, identity.map(Identity::certificate), identity.map(Identity::key), verify)));
        opened.add(link);
        link.start();
        return link;
    }

    private static void staysOffline(MqttLink link) throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
            assertThat(link.connected()).isFalse();
        }
    }

    private static ServerSocketFactory serverSockets() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(broker.store, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("device", device.store.getCertificate("device"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return new ClientCertificateSockets(context.getServerSocketFactory());
    }

    private static Identity identity(String name, String algorithm, String alternativeName) throws Exception {
        Path file = data.resolve(name + ".p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=" + alternativeName,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        Path certificate =
                pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded());
        Path key =
                pem(name + ".key", "PRIVATE KEY", store.getKey(name, PASSWORD).getEncoded());
        return new Identity(store, certificate, key);
    }

    private static Path pem(String file, String label, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                data.resolve(file), "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }

    /** Sockets that demand a certificate of the client. */
    private static final class ClientCertificateSockets extends ServerSocketFactory {
        private final SSLServerSocketFactory factory;

        private ClientCertificateSockets(SSLServerSocketFactory factory) {
            this.factory = factory;
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return demanding(factory.createServerSocket(port));
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return demanding(factory.createServerSocket(port, backlog));
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
            return demanding(factory.createServerSocket(port, backlog, address));
        }

        private static ServerSocket demanding(ServerSocket socket) {
            ((SSLServerSocket) socket).setNeedClientAuth(true);
            return socket;
        }
    }
}
