package io.cema.demo;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real processes with certificates and no anonymous listener: a claim becomes a certificate over HTTPS, the agent and
 * the cloud speak through a broker that knows both, the model comes over HTTPS, the certificate is renewed, a restart needs
 * no claim, a revocation ends it.
 */
@Tag("process")
class EnrolledAgentTest {
    private static final String DEVICE = "cam-1";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<GuardedProcess> processes = new ArrayList<>();
    private final int cloudPort = Ports.claim(0, "cloud", "none");
    private final int tlsPort = Ports.claim(0, "cloud by HTTPS", "none");
    private final int agentPort = Ports.claim(0, "agent", "none");
    private StackProcess database;
    private StackProcess broker;

    @AfterEach
    void endAll() throws Exception {
        for (GuardedProcess process : processes) {
            process.kill();
        }
        if (broker != null) {
            broker.close();
        }
        if (database != null) {
            database.close();
        }
    }

    @Test
    void claimBecomesConnection_modelComesOverHttps_certificateIsRenewed_restartNeedsNoClaim_revocationEndsIt()
            throws Exception {
        Path root = repository();
        assumeThat(root.resolve("edge-agent/target/quarkus-app/quarkus-run.jar"))
                .as("the services are packaged; `mvn verify` does that before this test")
                .exists();
        assumeThat(root.resolve("ops/broker-access/target/classes/META-INF/services"))
                .as("the access extension is built; `mvn verify` does that before this test")
                .exists();
        database = StackProcess.startDatabaseOnly(folder.resolve("database"));
        Path authority = folder.resolve("cloud/ca");
        int brokerPort = Ports.claim(0, "broker", "none");
        startCloud(root, authority, brokerPort);
        await("the cloud has written its revocation list")
                .atMost(PATIENCE)
                .until(() -> Files.exists(authority.resolve("revoked.pem")));
        broker = StackProcess.startSecureBroker(folder.resolve("broker"), authority, brokerPort);
        String claim = send("POST", "/api/v1/claims", "{\"device\": \"" + DEVICE + "\"}")
                .path("token")
                .asText();

        GuardedProcess agent = startAgent(root, brokerPort, Map.of("cema.enrol.claim", claim));
        awaitPresence("ONLINE", 1);
        giveModel(root);
        await("the agent has its model").atMost(PATIENCE).until(this::agentServes);
        assertThat(Files.readString(folder.resolve("agent-1.log"))).doesNotContain("nothing can be downloaded");
        assertThat(withoutToken("/api/v1/artefacts/" + "0".repeat(64))).isEqualTo(401);
        await("the agent has renewed its certificate")
                .atMost(PATIENCE)
                .until(() -> Files.readString(folder.resolve("agent-1.log")).contains("cam-1 renewed"));
        agent.stop(30);
        awaitPresence("OFFLINE", 1);
        startAgent(root, brokerPort, Map.of());
        awaitPresence("ONLINE", 1);

        send("DELETE", "/api/v1/devices/" + DEVICE + "/certificate", "");

        await("the agent is put out and stays out").atMost(PATIENCE).until(() -> !agentConnected());
        assertThat(Files.readString(folder.resolve("agent-2.log"))).contains("connection lost");
    }

    private void giveModel(Path root) throws IOException, InterruptedException {
        CloudClient client = new CloudClient(URI.create("http://127.0.0.1:" + cloudPort), folder.resolve("cloud"));
        DemoInput input = DemoInput.signs(root, 5, Optional.empty());
        List<String> labels = input.supply().labels();
        String edge = client.registerModel("edge", input.edgeModel(), input.mean(), input.std(), labels);
        String teacher = client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair("signs", edge, teacher);
        client.createCohort("tested", "signs", List.of(DEVICE), JSON.createObjectNode());
    }

    private boolean agentServes() throws IOException, InterruptedException {
        return status("http://127.0.0.1:" + agentPort + "/v2/health/ready") == 200;
    }

    /** On loopback there is plain HTTP, too, and it opens nothing. */
    private int withoutToken(String path) throws IOException, InterruptedException {
        return status("http://127.0.0.1:" + cloudPort + path);
    }

    private int status(String address) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void awaitPresence(String presence, long generation) {
        await(presence).atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
            JsonNode device = send("GET", "/api/v1/devices/" + DEVICE, "");
            return device.path("presence").asText().equals(presence)
                    && device.path("generation").asLong() == generation;
        });
    }

    private boolean agentConnected() throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agentPort + "/v2/cema/status"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(answer.body()).path("connected").asBoolean(true);
    }

    private JsonNode send(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cloudPort + path))
                        .header("Content-Type", "application/json")
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(folder.resolve("cloud/access/first-admin.token")))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.body())
                .isLessThan(500);
        return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    private void startCloud(Path root, Path authority, int brokerPort) throws IOException {
        start(
                "cloud",
                root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"),
                Map.ofEntries(
                        Map.entry("cema.data-dir", folder.resolve("cloud").toString()),
                        Map.entry("cema.security.enabled", "true"),
                        // Backdated by an hour, so in its last third from the beginning: renewed at each start.
                        Map.entry("cema.security.certificate-validity", "PT20M"),
                        Map.entry("cema.adaptation.enabled", "false"),
                        Map.entry("cema.mqtt.port", Integer.toString(brokerPort)),
                        Map.entry(
                                "cema.mqtt.tls.trust",
                                authority.resolve("authority.pem").toString()),
                        Map.entry(
                                "cema.mqtt.tls.certificate",
                                authority.resolve("service.pem").toString()),
                        Map.entry(
                                "cema.mqtt.tls.key",
                                authority.resolve("service.key").toString()),
                        Map.entry("cema.database.port", Integer.toString(database.databasePort())),
                        Map.entry("quarkus.http.ssl-port", Integer.toString(tlsPort)),
                        Map.entry("quarkus.http.port", Integer.toString(cloudPort))));
    }

    private GuardedProcess startAgent(Path root, int brokerPort, Map<String, String> further) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "cema.device.id", DEVICE,
                "cema.data-dir", folder.resolve("agent").toString(),
                "cema.mqtt.host", "127.0.0.1",
                "cema.mqtt.port", Integer.toString(brokerPort),
                "cema.cloud.url", "https://127.0.0.1:" + tlsPort,
                "cema.trust.key-file",
                        folder.resolve("cloud/signing-key.pub.pem").toString(),
                "quarkus.http.port", Integer.toString(agentPort)));
        settings.putAll(further);
        return start(
                "agent-" + processes.size(), root.resolve("edge-agent/target/quarkus-app/quarkus-run.jar"), settings);
    }

    private GuardedProcess start(String name, Path jar, Map<String, String> settings) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        GuardedProcess process = GuardedProcess.start(name, command, Map.of(), folder.resolve(name + ".log"), "TERM");
        processes.add(process);
        return process;
    }

    private static Path repository() {
        for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.isDirectory(path.resolve("ops/demo"))) {
                return path;
            }
        }
        throw new IllegalStateException("not inside the repository");
    }
}
