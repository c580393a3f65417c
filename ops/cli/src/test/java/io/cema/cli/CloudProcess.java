package io.cema.cli;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The packaged cloud service over the real broker and database, with tokens of its own. */
final class CloudProcess implements AutoCloseable {
    private final int port = Ports.claim(0, "cloud", "none");
    private final int tlsPort = Ports.claim(0, "cloud by HTTPS", "none");
    private final StackProcess stack;
    private final GuardedProcess process;
    private final Path folder;

    CloudProcess(Path folder) throws IOException {
        Path jar = root().resolve("cloud-service/target/quarkus-app/quarkus-run.jar");
        assumeThat(jar)
                .as("the service is packaged; `mvn verify` does that before this test")
                .exists();
        this.folder = folder;
        this.stack = StackProcess.start(folder.resolve("stack"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        Map.of(
                        "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                        "cema.database.port", Integer.toString(stack.databasePort()),
                        "cema.data-dir", folder.resolve("cloud").toString(),
                        "cema.adaptation.enabled", "false",
                        "cema.security.enabled", "true",
                        "quarkus.http.ssl-port", Integer.toString(tlsPort),
                        "quarkus.http.port", Integer.toString(port))
                .forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        this.process = GuardedProcess.start("cloud", command, Map.of(), folder.resolve("cloud.log"), "TERM");
        await("the cloud is ready")
                .atMost(Duration.ofSeconds(180))
                .ignoreExceptions()
                .until(this::ready);
    }

    String server() {
        return "http://127.0.0.1:" + port;
    }

    String tlsServer() {
        return "https://127.0.0.1:" + tlsPort;
    }

    Path authority() {
        return folder.resolve("cloud/ca/authority.pem");
    }

    int databasePort() {
        return stack.databasePort();
    }

    String adminToken() throws IOException {
        return Files.readString(folder.resolve("cloud/access/first-admin.token"))
                .strip();
    }

    static Path root() {
        for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.isDirectory(path.resolve("ops/demo"))) {
                return path;
            }
        }
        throw new IllegalStateException("not inside the repository");
    }

    @Override
    public void close() throws Exception {
        process.kill();
        stack.close();
    }

    private boolean ready() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(server() + "/q/health/ready"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }
}
