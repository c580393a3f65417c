package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real processes, killed with {@code kill -9} one after the other in mid-run: cloud service, broker, an agent. What
 * was acknowledged stays, nothing is trained on twice, agents serve throughout, and updates flow again afterwards.
 */
@Tag("process")
class CrashRecoveryTest {
    private static final List<String> DEVICES = List.of("cam-1", "cam-2");
    private static final int FRAMES_PER_AGENT = 2400;
    private static final double RATE = 20;

    @TempDir
    Path folder;

    private final Map<String, GuardedProcess> processes = new HashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private StackProcess stack;
    private MqttLink witness;

    @AfterEach
    void endAll() throws Exception {
        if (witness != null) {
            witness.close();
        }
        for (GuardedProcess process : processes.values()) {
            process.kill();
        }
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void allComeBack_nothingAcknowledgedIsLost_nothingIsTrainedTwice() throws Exception {
        Path root = repository();
        assumeThat(root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"))
                .as("the services are packaged; `mvn verify` does that before this test")
                .exists();
        stack = StackProcess.start(folder.resolve("stack"));
        startCloud(root);
        CloudClient client = new CloudClient(cloud(), folder.resolve("cloud"));
        awaitReady(client);
        DemoInput input = DemoInput.signs(root, 5, Optional.empty());
        register(client, input);
        countTraining();
        watchAcknowledgements();
        DemoStream stream;
        try (BaseModel base = BaseModel.open(input.edgeModel(), input.preprocessing())) {
            stream = new StreamBuilder(Scenario.parse("fog:4"), input.supply(), FRAMES_PER_AGENT * DEVICES.size(), 5)
                    .build(folder, DEVICES, base);
        }
        for (AgentStream agent : stream.agents()) {
            startAgent(root, agent);
        }
        await("a first update is applied by every agent")
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(applied(device)).as(device).isNotEmpty();
                    }
                });

        kill("cloud");
        long revisionBefore = newestRevision();
        Thread.sleep(3000);
        startCloud(root);
        awaitReady(client);

        stack.killBroker();
        Thread.sleep(3000);
        stack.startBroker();

        kill("cam-1");
        Thread.sleep(1000);
        int before = acknowledged.size();
        startAgent(root, stream.agents().get(0));
        await("samples are acknowledged again")
                .atMost(Duration.ofSeconds(60))
                .until(() -> acknowledged.size() > before);

        await("every frame is answered and every spool is empty")
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        // A frame that the agent died over is not tried again, see FramePosition.
                        int inWork = device.equals("cam-1") ? 1 : 0;
                        assertThat(framesSeen(device))
                                .as("%s: frames answered", device)
                                .hasSizeBetween(FRAMES_PER_AGENT - inWork, FRAMES_PER_AGENT);
                        assertThat(status(device).path("spool").path("images").asLong(-1))
                                .as("%s: images in the spool", device)
                                .isZero();
                    }
                });

        await("the loop goes on above revision " + revisionBefore)
                .atMost(Duration.ofSeconds(60))
                .until(() -> newestRevision() > revisionBefore);

        await("every agent runs the newest update")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (String device : DEVICES) {
                        assertThat(status(device).path("revision").asLong(-1))
                                .as(device)
                                .isEqualTo(newestRevision());
                    }
                });
        Set<String> durable = durableSamples();
        assertThat(acknowledged).as("acknowledged samples").isNotEmpty();
        assertThat(durable).as("samples in the replay store").containsAll(acknowledged);
        assertThat(trainedTwice()).as("samples taken as new by two steps").isEmpty();
    }

    private URI cloud() {
        return URI.create("http://" + stack.host() + ":" + port("cloud"));
    }

    private int port(String name) {
        return ports.computeIfAbsent(name, n -> Ports.claim(0, n, "none"));
    }

    private void startCloud(Path root) throws IOException {
        start(
                "cloud",
                root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"),
                Fleet.CLOUD_OPTIONS,
                Fleet.CLOUD_ENVIRONMENT,
                Map.of(
                        "cema.data-dir", folder.resolve("cloud").toString(),
                        "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                        "cema.database.port", Integer.toString(stack.databasePort()),
                        "quarkus.http.port", Integer.toString(port("cloud"))));
    }

    private void startAgent(Path root, AgentStream agent) throws IOException {
        String device = agent.device();
        start(
                device,
                root.resolve("edge-agent/target/quarkus-app/quarkus-run.jar"),
                List.of("-Xmx256m"),
                Map.of(),
                Map.of(
                        "cema.device.id", device,
                        "cema.data-dir", folder.resolve(device).toString(),
                        "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                        "cema.cloud.url", cloud().toString(),
                        "cema.trust.key-file",
                                folder.resolve("cloud/signing-key.pub.pem").toString(),
                        "cema.frames.source", "record",
                        "cema.frames.path", agent.record().toString(),
                        "cema.frames.rate", Double.toString(RATE),
                        "cema.sink.path", sink(device).toString(),
                        "quarkus.http.port", Integer.toString(port(device))));
    }

    private void start(
            String name, Path jar, List<String> options, Map<String, String> environment, Map<String, String> settings)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        processes.put(name, GuardedProcess.start(name, command, environment, folder.resolve(name + ".log"), "TERM"));
    }

    private void kill(String name) throws InterruptedException {
        processes.remove(name).kill();
    }

    private void awaitReady(CloudClient client) {
        await("the cloud service is ready").atMost(Duration.ofSeconds(90)).until(client::ready);
    }

    private static void register(CloudClient client, DemoInput input) throws IOException, InterruptedException {
        List<String> labels = input.supply().labels();
        String edge = client.registerModel("edge", input.edgeModel(), input.mean(), input.std(), labels);
        String foundation =
                client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair("signs", edge, foundation);
        client.createCohort("crash", "signs", DEVICES, JsonNodeFactory.instance.objectNode());
    }

    /** Listens to what the devices are told, as a bystander. */
    private void watchAcknowledgements() {
        TrustedKeys keys = TrustedKeys.fromPem(folder.resolve("cloud/signing-key.pub.pem"));
        witness = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "witness"));
        for (String device : DEVICES) {
            String topic = Topics.device("default", device, Topics.DeviceLeaf.ACK);
            witness.subscribe(topic, 1, message -> {
                EnvelopeOpener.openSigned(topic, message.payload(), SampleAck.getDefaultInstance(), keys)
                        .getEntriesList()
                        .stream()
                        .filter(entry -> entry.getOutcome() == SampleAck.Outcome.DURABLE)
                        .forEach(entry -> acknowledged.add(device + "/" + entry.getSampleId()));
                message.acknowledge();
            });
        }
        witness.start();
    }

    /** Has the database itself note each time a step takes a sample as new. */
    private void countTraining() throws SQLException {
        try (Connection connection = database();
                Statement statement = connection.createStatement()) {
            statement.execute("create table taken (device text, sample_id text)");
            statement.execute("create function note_taken() returns trigger language plpgsql as $$ begin"
                    + " insert into taken values (new.device, new.sample_id); return new; end $$");
            statement.execute("create trigger taken after update of trained_step on sample for each row"
                    + " when (new.trained_step is not null) execute function note_taken()");
        }
    }

    private List<String> trainedTwice() throws SQLException {
        return query("select device || '/' || sample_id from taken group by 1 having count(*) > 1");
    }

    private Set<String> durableSamples() throws SQLException {
        return new HashSet<>(query("select device || '/' || sample_id from sample"));
    }

    private long newestRevision() throws SQLException {
        return Long.parseLong(query("select coalesce(max(revision), 0)::text from publication")
                .get(0));
    }

    private List<String> query(String sql) throws SQLException {
        try (Connection connection = database();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private Connection database() throws SQLException {
        Connection connection =
                DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
        try (Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
        }
        return connection;
    }

    private Path sink(String device) {
        return folder.resolve(device + ".jsonl");
    }

    private Set<Long> framesSeen(String device) throws IOException {
        Set<Long> frames = new HashSet<>();
        for (JsonNode line : new SinkTail(sink(device)).next()) {
            if (line.has("frame")) {
                frames.add(line.path("frame").asLong());
            }
        }
        return frames;
    }

    private List<JsonNode> applied(String device) throws IOException {
        return new SinkTail(sink(device))
                .next().stream()
                        .filter(line -> "APPLIED".equals(line.path("event").asText()))
                        .toList();
    }

    private JsonNode status(String device) throws IOException {
        return new ObjectMapper()
                .readTree(URI.create("http://" + stack.host() + ":" + port(device) + "/v2/cema/status")
                        .toURL());
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
