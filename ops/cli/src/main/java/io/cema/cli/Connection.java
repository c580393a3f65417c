package io.cema.cli;

import io.cema.client.ApiClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** How the service is reached, and with whose token. */
final class Connection {
    private static final Path FIRST_ADMIN = Path.of(".cema/cloud/access/first-admin.token");
    private static final Path OWN_AUTHORITY = Path.of(".cema/cloud/ca/authority.pem");
    private static final Duration TO_CONNECT = Duration.ofSeconds(5);
    private static final Duration TO_ANSWER = Duration.ofMinutes(5); // models are large

    private Connection() {}

    static ApiClient open(URI server, String token, Path tokenFile, Path authority) {
        Optional<String> bearer = token(server, token, tokenFile);
        ApiClient client = new ApiClient();
        authority(server, authority)
                .ifPresent(file ->
                        client.setHttpClientBuilder(HttpClient.newBuilder().sslContext(trusting(file))));
        client.updateBaseUri(server.toString().replaceAll("/+$", ""));
        client.setConnectTimeout(TO_CONNECT);
        client.setReadTimeout(TO_ANSWER);
        client.setRequestInterceptor(request -> bearer.ifPresent(b -> request.header("Authorization", "Bearer " + b)));
        return client;
    }

    private static Optional<Path> authority(URI server, Path given) {
        if (!"https".equals(server.getScheme())) {
            return Optional.empty();
        }
        if (given != null && !given.toString().isBlank()) {
            return Optional.of(given);
        }
        return Files.isReadable(OWN_AUTHORITY) && ofThisMachine(server) ? Optional.of(OWN_AUTHORITY) : Optional.empty();
    }

    private static SSLContext trusting(Path file) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Certificate found : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))) {
                store.setCertificateEntry("authority-" + store.size(), found);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException("--authority: " + file + " cannot be read", e);
        } catch (GeneralSecurityException e) {
            throw new UncheckedIOException(
                    new IOException("--authority: " + file + " holds no certificate in PEM: " + e.getMessage(), e));
        }
    }

    private static Optional<String> token(URI server, String token, Path tokenFile) {
        if (token != null && !token.isBlank()) {
            return Optional.of(token.strip());
        }
        if (tokenFile != null && !tokenFile.toString().isBlank()) {
            return Optional.of(read(tokenFile));
        }
        // Anybody else's service has no business with this machine's admin.
        return Files.isReadable(FIRST_ADMIN) && ofThisMachine(server)
                ? Optional.of(read(FIRST_ADMIN))
                : Optional.empty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the token file " + file + " cannot be read", e);
        }
    }

    private static boolean ofThisMachine(URI server) {
        try {
            return server.getHost() != null
                    && InetAddress.getByName(server.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
