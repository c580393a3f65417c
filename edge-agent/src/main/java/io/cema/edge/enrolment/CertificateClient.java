package io.cema.edge.enrolment;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.cloud.CloudConnection;
import io.cema.protocol.enrolment.ClaimToken;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The cloud's certificates over HTTP. Blocks. */
final class CertificateClient {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CloudConnection cloud;
    private final ObjectMapper json = new ObjectMapper();

    /**
     * What the cloud gave; nothing of it is believed before it was checked.
     *
     * @param certificate PEM
     * @param authority PEM
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Given(String certificate, String authority, long generation) {}

    CertificateClient(CloudConnection cloud) {
        this.cloud = cloud;
    }

    /**
     * The cloud is the one of the claim's fingerprint.
     *
     * @throws EnrolmentRefusedException if the cloud said no
     */
    Given enrol(ClaimToken claim, String request) throws IOException, InterruptedException {
        return given(send(
                cloud.trusting(claim.fingerprint()),
                "/api/v1/enrolments",
                Map.of("claim", claim.text(), "request", request)));
    }

    /**
     * Shows no certificate, here and below: one at its end would be refused before it could be replaced.
     *
     * @param authority of the present certificate
     * @throws EnrolmentRefusedException if the cloud said no
     */
    Given renew(Path authority, String device, String request) throws IOException, InterruptedException {
        return given(send(
                cloud.trusting(authority), "/api/v1/devices/" + device + "/certificate", Map.of("request", request)));
    }

    /**
     * For a certificate at its end.
     *
     * @return empty while an operator has not decided; ask again
     * @throws EnrolmentRefusedException if the cloud or the operator said no
     */
    Optional<Given> reEnrol(Path authority, String device, String request) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send(cloud.trusting(authority), "/api/v1/re-enrolments", Map.of("device", device, "request", request));
        return answer.statusCode() == 202 ? Optional.empty() : Optional.of(given(answer));
    }

    private HttpResponse<String> send(HttpClient http, String path, Map<String, String> body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(cloud.at(path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw cloud.explained(e);
        }
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
