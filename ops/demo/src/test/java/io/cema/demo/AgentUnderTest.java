package io.cema.demo;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** One agent of a fleet: started and killed, and asked as an application and a person on its machine would. */
final class AgentUnderTest {
    static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final double RATE = 15;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final ProcessFleet fleet;
    private final AgentStream stream;

    /** @param stream its frames, shown again and again */
    AgentUnderTest(ProcessFleet fleet, AgentStream stream) {
        this.fleet = fleet;
        this.stream = stream;
    }

    String device() {
        return stream.device();
    }

    /**
     * @param prefix what starts its command
     * @param further settings, before all others
     */
    void start(List<String> prefix, Map<String, String> further) throws IOException {
        Map<String, String> settings =
                new HashMap<>(Map.of("cema.frames.loop", "true", "cema.uplink.spool-max-bytes", "2000000"));
        settings.putAll(further);
        fleet.startAgent(stream, RATE, prefix, settings);
    }

    void kill() throws InterruptedException {
        fleet.kill(stream.device());
    }

    JsonNode status() {
        try {
            return fleet.status(stream.device());
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** Not empty while it does not answer. */
    String problem() {
        return status().path("problem").asText("no answer");
    }

    void awaitUpdateAbove(long revision) {
        await("an update above " + revision + " is in use")
                .atMost(PATIENCE)
                .until(() -> status().path("revision").asLong() > revision);
    }

    void awaitFrames() {
        long before = status().path("frames").asLong();
        await("frames are answered")
                .atMost(PATIENCE)
                .until(() -> status().path("frames").asLong() > before + 3 * RATE);
    }

    void awaitAcknowledged() {
        long before = status().path("acknowledged").asLong();
        await("uploads become durable")
                .atMost(PATIENCE)
                .until(() -> status().path("acknowledged").asLong() > before);
    }

    /** @return status of an application's request; 0 while nobody answers */
    int classified() throws InterruptedException, IOException {
        return classified("");
    }

    /** Of a black image. */
    int classified(String query) throws InterruptedException, IOException {
        return classified(query, new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB));
    }

    /** @param query such as {@code ?model=NAME}, or nothing */
    int classified(String query, BufferedImage image) throws InterruptedException, IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        try {
            return http.send(
                            HttpRequest.newBuilder(uri("/v1/classify" + query))
                                    .header("Content-Type", "image/png")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(png.toByteArray()))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** What a model answers to a black image, by the Open Inference Protocol. */
    JsonNode inferred(String model) throws IOException, InterruptedException {
        JsonNode input =
                json.readTree(uri("/v2/models/" + model).toURL()).path("inputs").path(0);
        List<Integer> shape = List.of(1, 3, 32, 32);
        byte[] request = json.writeValueAsBytes(Map.of(
                "inputs",
                List.of(Map.of(
                        "name",
                        input.path("name").asText(),
                        "datatype",
                        "FP32",
                        "shape",
                        shape,
                        "data",
                        new float[3 * 32 * 32]))));
        return json.readTree(http.send(
                        HttpRequest.newBuilder(uri("/v2/models/" + model + "/infer"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                                .build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body());
    }

    private URI uri(String path) {
        return URI.create("http://" + fleet.stack().host() + ":" + fleet.port(stream.device()) + path);
    }
}
