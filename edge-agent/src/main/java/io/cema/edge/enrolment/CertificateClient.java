package io.cema.edge.enrolment;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The cloud's certificates over HTTP. Blocks. */
final class CertificateClient {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final URI cloud;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /**
     * What the cloud gave; nothing of it is believed before it was checked.
     *
     * @param certificate PEM
     * @param authority PEM
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Given(String certificate, String authority, long generation) {}

    CertificateClient(URI cloud) {
        this.cloud = cloud;
    }

    /** @throws EnrolmentRefusedException if the cloud said no */
    Given enrol(String claim, String request) throws IOException, InterruptedException {
        return post("/api/v1/enrolments", Map.of("claim", claim, "request", request));
    }

    /** @throws EnrolmentRefusedException if the cloud said no */
    Given renew(String device, String request) throws IOException, InterruptedException {
        return post("/api/v1/devices/" + device + "/certificate", Map.of("request", request));
    }

    /**
     * For a certificate at its end.
     *
     * @return empty while an operator has not decided; ask again
     * @throws EnrolmentRefusedException if the cloud or the operator said no
     */
    Optional<Given> reEnrol(String device, String request) throws IOException, InterruptedException {
        HttpResponse<String> answer = send("/api/v1/re-enrolments", Map.of("device", device, "request", request));
        return answer.statusCode() == 202 ? Optional.empty() : Optional.of(given(answer));
    }

    private Given post(String path, Map<String, String> body) throws IOException, InterruptedException {
        return given(send(path, body));
    }

    private HttpResponse<String> send(String path, Map<String, String> body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(cloud.resolve(path))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Given given(HttpResponse<String> answer) throws IOException {
        int status = answer.statusCode();
        if (status == 200 || status == 201) {
            return json.readValue(answer.body(), Given.class);
        }
        String message = answer.uri() + " answered " + status + ": " + detail(answer.body());
        throw status >= 400 && status < 500 ? new EnrolmentRefusedException(message) : new IOException(message);
    }

    private String detail(String body) {
        try {
            return json.readTree(body).path("detail").asText(body);
        } catch (JsonProcessingException e) {
            return body;
        }
    }
}
