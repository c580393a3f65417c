package io.cema.bench.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The cloud service's REST interface, as much of it as the simulator uses. Thread-safe. */
final class CloudApi {
    /** The service takes 23 ms for each device of a new cohort with 2,000, and more with more. */
    private static final Duration PATIENCE = Duration.ofMinutes(40);

    private static final int PAGE = 500;
    private static final int MOST_REPETITIONS = 5;
    private static final long REPEAT_MILLIS = 5_000;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final AtomicInteger repeated = new AtomicInteger();
    private final URI base;
    private final Path token;

    /** @param dataFolder the service's; the first admin's token lies there from its first start on */
    CloudApi(URI base, Path dataFolder) {
        this.base = base;
        this.token = dataFolder.resolve("access/first-admin.token");
    }

    /** How often the service asked to be asked again. */
    int repeated() {
        return repeated.get();
    }

    boolean ready() throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(base.resolve("/q/health/ready"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    /** @return the digest of the model as registered */
    String registerModel(String name, Path onnx, String mean, String std) throws IOException, InterruptedException {
        HttpRequest request = request("/api/v1/models?name=" + name + "&mean=" + mean + "&std=" + std)
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Files.readAllBytes(onnx)))
                .build();
        JsonNode answer = send(request);
        return answer.path("digest")
                .asText(answer.path("manifest").path("digest").asText());
    }

    void post(String path, Map<String, Object> body) throws IOException, InterruptedException {
        write("POST", path, body);
    }

    void put(String path, Map<String, Object> body) throws IOException, InterruptedException {
        write("PUT", path, body);
    }

    /** How the cloud sees each of a cohort's devices, by id: {@code ONLINE}, {@code OFFLINE} or {@code UNKNOWN}. */
    Map<String, String> presences(String cohort) throws IOException, InterruptedException {
        Map<String, String> presences = new HashMap<>();
        String next = "0";
        while (!next.isEmpty()) {
            JsonNode page = send(request("/api/v1/devices?cohort=" + cohort + "&limit=" + PAGE + "&offset=" + next)
                    .build());
            page.path("items")
                    .forEach(device -> presences.put(
                            device.path("id").asText(), device.path("presence").asText()));
            next = page.path("next").asText("");
        }
        return presences;
    }

    private void write(String method, String path, Map<String, Object> body) throws IOException, InterruptedException {
        send(request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                .build());
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + Files.readString(token));
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        for (int i = 0; response.statusCode() == 503 && i < MOST_REPETITIONS; i++) {
            Thread.sleep(REPEAT_MILLIS); // as the service says then: nothing was done
            repeated.incrementAndGet();
            response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() / 100 != 2) {
            throw new IOException(request.method() + " " + request.uri().getPath() + ": the cloud service answered "
                    + response.statusCode() + ": " + body);
        }
        return body.isBlank() ? json.createObjectNode() : json.readTree(body);
    }
}
