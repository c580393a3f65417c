package io.cema.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The cloud service's REST interface, as much of it as the demo uses. Thread-safe. */
final class CloudClient {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI base;
    private final Path token;

    /** @param dataFolder the service's; the first admin's token lies there from its first start on */
    CloudClient(URI base, Path dataFolder) {
        this.base = base;
        this.token = dataFolder.resolve("access/first-admin.token");
    }

    /** Whether the service says that it can be used. */
    boolean ready() throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(base.resolve("/q/health/ready"))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    /** @return the model's digest as registered */
    String registerModel(String name, Path onnx, String mean, String std, List<String> labels)
            throws IOException, InterruptedException {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("name", name);
        query.put("mean", mean);
        query.put("std", std);
        if (!labels.isEmpty()) {
            query.put("labels", String.join(",", labels));
        }
        String parameters = query.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest request = request("/api/v1/models?" + parameters)
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Files.readAllBytes(onnx)))
                .build();
        JsonNode answer = send(request, "registering " + onnx);
        String digest = answer.path("digest")
                .asText(answer.path("manifest").path("digest").asText());
        if (digest.isEmpty()) {
            throw new DemoException("registering " + onnx + ": the cloud's answer has no digest: " + answer);
        }
        return digest;
    }

    void createPair(String id, String edge, String foundation) throws IOException, InterruptedException {
        post("/api/v1/pairs", Map.of("id", id, "edge", edge, "foundation", foundation));
    }

    void createCohort(String id, String pair, List<String> devices, JsonNode policy)
            throws IOException, InterruptedException {
        post("/api/v1/cohorts", Map.of("id", id, "pair", pair, "devices", devices, "policy", policy));
    }

    /** When the cloud's gate refused candidates of that cohort, milliseconds since 1970. */
    List<Long> refusals(String cohort) throws IOException, InterruptedException {
        JsonNode page = get("/api/v1/updates?limit=500&cohort=" + cohort);
        List<Long> times = new ArrayList<>();
        for (JsonNode update : page.isArray() ? page : page.path("items")) {
            if ("REFUSED".equals(update.path("verdict").asText())) {
                times.add(Instant.parse(update.path("createdAt").asText()).toEpochMilli());
            }
        }
        return times;
    }

    private void post(String path, Map<String, Object> body) throws IOException, InterruptedException {
        send(
                request(path)
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                        .build(),
                "POST " + path);
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).timeout(Duration.ofSeconds(30)).build(), "GET " + path);
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(base.resolve(path)).header("Authorization", "Bearer " + Files.readString(token));
    }

    private JsonNode send(HttpRequest request, String what) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() / 100 != 2) {
            throw new DemoException(
                    what + ": the cloud service answered " + response.statusCode() + ": " + detail(body));
        }
        return body.isBlank() ? json.createObjectNode() : json.readTree(body);
    }

    /** The sentence in a problem document, or the answer as it is. */
    private String detail(String body) {
        try {
            JsonNode problem = json.readTree(body);
            String detail = problem.path("detail").asText(problem.path("title").asText());
            return detail.isEmpty() ? body : detail;
        } catch (IOException e) {
            return body;
        }
    }
}
