package io.cema.ops.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** The packaged cloud service, which asks nobody for a token and learns nothing. */
final class Cloud implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = Ports.claim(0, "cloud", "none");
    private final GuardedProcess process;

    Cloud(Path data, StackProcess broker, StackProcess database, Path log) throws IOException {
        Path jar = root().resolve("cloud-service/target/quarkus-app/quarkus-run.jar");
        assumeThat(jar)
                .as("the service is packaged; `mvn verify` does that before this test")
                .exists();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        Map.of(
                        "cema.mqtt.port", Integer.toString(broker.brokerPort()),
                        "cema.database.port", Integer.toString(database.databasePort()),
                        "cema.data-dir", data.toString(),
                        "cema.adaptation.enabled", "false",
                        "cema.access.mode", "open",
                        "quarkus.http.port", Integer.toString(port))
                .forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        this.process = GuardedProcess.start("cloud", command, Map.of(), log, "TERM");
        await("the cloud is ready")
                .atMost(Duration.ofSeconds(180))
                .ignoreExceptions()
                .until(() -> get("/q/health/ready").statusCode() == 200);
    }

    /** Registers a model; returns its digest. */
    String register(byte[] onnx, String name) throws Exception {
        return answer(HttpRequest.newBuilder(uri("/api/v1/models?mean=0.5,0.5,0.5&std=0.25,0.25,0.25&name=" + name))
                        .header("Content-Type", "application/octet-stream")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(onnx))
                        .build())
                .path("digest")
                .asText();
    }

    JsonNode post(String path, String json) throws Exception {
        return answer(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    private JsonNode answer(HttpRequest request) throws Exception {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode())
                .as("%s: %s", request.uri(), answer.body())
                .isBetween(200, 299);
        return new ObjectMapper().readTree(answer.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static Path root() {
        for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.isDirectory(path.resolve("ops/demo"))) {
                return path;
            }
        }
        throw new IllegalStateException("not inside the repository");
    }

    @Override
    public void close() throws InterruptedException {
        process.kill();
    }
}
