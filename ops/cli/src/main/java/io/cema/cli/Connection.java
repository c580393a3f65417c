package io.cema.cli;

import io.cema.client.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How the service is reached, and with whose token. */
final class Connection {
    private static final Path FIRST_ADMIN = Path.of(".cema/cloud/access/first-admin.token");
    private static final Duration TO_CONNECT = Duration.ofSeconds(5);
    private static final Duration TO_ANSWER = Duration.ofMinutes(5); // models are large

    private Connection() {}

    static ApiClient open(URI server, String token, Path tokenFile) {
        Optional<String> bearer = token(server, token, tokenFile);
        ApiClient client = new ApiClient();
        client.updateBaseUri(server.toString().replaceAll("/+$", ""));
        client.setConnectTimeout(TO_CONNECT);
        client.setReadTimeout(TO_ANSWER);
        client.setRequestInterceptor(request -> bearer.ifPresent(b -> request.header("Authorization", "Bearer " + b)));
        return client;
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
