package io.cema.demo;

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
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/**
 * Broker, database, cloud service and agents as the processes they are, to be disturbed by a test, with witnesses of what
 * must hold: which samples were called durable, which are in the replay store, and which were trained on twice.
 */
final class ProcessFleet implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(4);

    private final Path folder;
    private final Path root;
    private final List<String> devices;
    private final Map<String, GuardedProcess> processes = new HashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final OtlpCollector traces = new OtlpCollector();
    private final StackProcess database;
    private final Optional<Path> authority;
    private final List<String> cloudPrefix;
    private final Map<String, String> cloudSettings;
    private StackProcess stack;
    private MqttLink witness;

    /**
     * Starts the stack and the cloud service, registers the signs' models and a cohort of these devices. A test that has
     * no packaged services is skipped.
     */
    ProcessFleet(Path folder, List<String> devices) throws Exception {
        this(folder, devices, false, List.of(), Map.of());
    }

    /**
     * The same with certificates: no anonymous listener, agents enrol with a {@link #claim}. Nobody witnesses what is
     * acknowledged.
     *
     * @param cloudPrefix what starts the cloud service's command
     * @param cloudSettings of the cloud service, before all others
     */
    static ProcessFleet withCertificates(
            Path folder, List<String> devices, List<String> cloudPrefix, Map<String, String> cloudSettings)
            throws Exception {
        return new ProcessFleet(folder, devices, true, cloudPrefix, cloudSettings);
    }

    private ProcessFleet(
            Path folder,
            List<String> devices,
            boolean certificates,
            List<String> cloudPrefix,
            Map<String, String> cloudSettings)
            throws Exception {
        this.folder = folder;
        this.devices = devices;
        this.root = repository();
        this.authority = certificates ? Optional.of(folder.resolve("cloud/ca")) : Optional.empty();
        this.cloudPrefix = cloudPrefix;
        this.cloudSettings = cloudSettings;
        assumeThat(root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"))
                .as("the services are packaged; `mvn verify` does that before this test")
                .exists();
        database = certificates
                ? StackProcess.startDatabaseOnly(folder.resolve("database"))
                : StackProcess.start(folder.resolve("stack"));
        stack = database;
        try {
            if (certificates) {
                startAuthority();
            } else {
                startCloud();
            }
            register();
            countTraining();
            if (!certificates) {
                watchAcknowledgements();
            }
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    StackProcess stack() {
        return stack;
    }

    URI cloud() {
        return URI.create("http://" + stack.host() + ":" + port("cloud"));
    }

    /** What the processes did, as far as they were told to say so. */
    OtlpCollector traces() {
        return traces;
    }

    int port(String name) {
        return ports.computeIfAbsent(name, n -> Ports.claim(0, n, "none"));
    }

    /** Images of one scenario, the same for each run, divided among the devices. */
    DemoStream stream(String scenario, int framesPerAgent) throws Exception {
        DemoInput input = input();
        try (BaseModel base = BaseModel.open(input.edgeModel(), input.preprocessing())) {
            return new StreamBuilder(Scenario.parse(scenario), input.supply(), framesPerAgent * devices.size(), 5)
                    .build(folder, devices, base);
        }
    }

    private DemoInput input() throws IOException {
        return DemoInput.signs(root, 5, Optional.empty());
    }

    /** The cloud service makes the certificates that the broker starts with. */
    private void startAuthority() throws IOException {
        launchCloud();
        Path files = authority.orElseThrow();
        await("the cloud has written its revocation list")
                .atMost(READY)
                .until(() -> Files.exists(files.resolve("revoked.pem")));
        stack = StackProcess.startSecureBroker(folder.resolve("stack"), files, port("broker"));
        awaitCloud();
    }

    /** Starts it, and waits until it is ready. */
    void startCloud() throws IOException {
        launchCloud();
        awaitCloud();
    }

    private void launchCloud() throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "cema.data-dir", folder.resolve("cloud").toString(),
                "cema.mqtt.port", Integer.toString(brokerPort()),
                "cema.database.port", Integer.toString(database.databasePort()),
                "cema.tracing.endpoint", traces.endpoint().toString(),
                "quarkus.http.port", Integer.toString(port("cloud"))));
        authority.ifPresentOrElse(
                files -> settings.putAll(Map.of(
                        "cema.security.enabled", "true",
                        "cema.mqtt.tls.trust", files.resolve("authority.pem").toString(),
                        "cema.mqtt.tls.certificate",
                                files.resolve("service.pem").toString(),
                        "cema.mqtt.tls.key", files.resolve("service.key").toString(),
                        "quarkus.http.ssl-port", Integer.toString(port("cloud by HTTPS")))),
                () -> settings.put("cema.access.open-artefacts", "true"));
        settings.putAll(cloudSettings);
        start(
                "cloud",
                cloudPrefix,
                root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"),
                Fleet.CLOUD_OPTIONS,
                Fleet.CLOUD_ENVIRONMENT,
                settings);
    }

    private int brokerPort() {
        return authority.isPresent() ? port("broker") : stack.brokerPort();
    }

    private void awaitCloud() {
        CloudClient client = client();
        await("the cloud service is ready").atMost(READY).until(client::ready);
    }

    private CloudClient client() {
        return new CloudClient(cloud(), folder.resolve("cloud"));
    }

    void startAgent(AgentStream agent, double rate) throws IOException {
        startAgent(agent, rate, List.of(), Map.of());
    }

    /**
     * @param prefix what starts the agent's command, such as another network namespace
     * @param further settings, before all others
     */
    void startAgent(AgentStream agent, double rate, List<String> prefix, Map<String, String> further)
            throws IOException {
        String device = agent.device();
        Map<String, String> settings = new HashMap<>(Map.of(
                "cema.device.id", device,
                "cema.data-dir", folder.resolve(device).toString(),
                "cema.mqtt.port", Integer.toString(brokerPort()),
                "cema.cloud.url",
                        authority.isPresent()
                                ? "https://" + stack.host() + ":" + port("cloud by HTTPS")
                                : cloud().toString(),
                "cema.trust.key-file",
                        folder.resolve("cloud/signing-key.pub.pem").toString(),
                "cema.frames.source", "record",
                "cema.frames.path", agent.record().toString(),
                "cema.frames.rate", Double.toString(rate),
                "cema.sink.path", sink(device).toString(),
                "quarkus.http.port", Integer.toString(port(device))));
        if (authority.isEmpty()) {
            settings.put("cema.cloud.plain-http", "loopback");
        }
        settings.putAll(further);
        start(
                device,
                prefix,
                root.resolve("edge-agent/target/quarkus-app/quarkus-run.jar"),
                List.of("-Xmx256m"),
                Map.of(),
                settings);
    }

    private void start(
            String name,
            List<String> prefix,
            Path jar,
            List<String> options,
            Map<String, String> environment,
            Map<String, String> settings)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        processes.put(name, GuardedProcess.start(name, command, environment, folder.resolve(name + ".log"), "TERM"));
    }

    /** {@code kill -9}. */
    void kill(String name) throws InterruptedException {
        processes.remove(name).kill();
    }

    /** Asks it to end, and waits until it has. */
    void stop(String name) throws InterruptedException {
        processes.remove(name).close();
    }

    private void register() throws IOException, InterruptedException {
        CloudClient client = client();
        DemoInput input = input();
        List<String> labels = input.supply().labels();
        String edge = client.registerModel("edge", input.edgeModel(), input.mean(), input.std(), labels);
        String foundation =
                client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair("signs", edge, foundation);
        client.createCohort("tested", "signs", devices, JsonNodeFactory.instance.objectNode());
    }

    /** What a process has said so far. */
    String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    /**
     * Registers the demo's float32 model as the model of a further cohort, which has no devices; all of the same name. Its
     * file is like no other's.
     */
    void furtherCohort(String name) throws IOException, InterruptedException {
        CloudClient client = client();
        DemoInput input = DemoInput.signs(root, 5, Optional.of(root.resolve("ops/demo/models/signs-edge.onnx")));
        List<String> labels = input.supply().labels();
        Path own = Files.copy(input.edgeModel(), folder.resolve(name + ".onnx"));
        Files.write(own, withDescription(name), StandardOpenOption.APPEND);
        String edge = client.registerModel(name, own, input.mean(), input.std(), labels);
        String foundation =
                client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair(name, edge, foundation);
        client.createCohort(name, name, List.of(), JsonNodeFactory.instance.objectNode());
    }

    /** Field {@code doc_string} of an ONNX model. */
    private static byte[] withDescription(String text) {
        return ((char) (6 << 3 | 2) + String.valueOf((char) text.length()) + text).getBytes(StandardCharsets.US_ASCII);
    }

    /** A new claim's token, to enrol that device with. */
    String claim(String device) throws IOException, InterruptedException {
        return ask("POST", "/api/v1/claims", "{\"device\": \"" + device + "\"}")
                .path("token")
                .asText();
    }

    /** A request without a body, as below. */
    JsonNode ask(String method, String path) throws IOException, InterruptedException {
        return ask(method, path, "");
    }

    /** A request to the cloud service, as its first admin; anything but success is an error. */
    JsonNode ask(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(cloud().resolve(path))
                                .header(
                                        "Authorization",
                                        "Bearer " + Files.readString(folder.resolve("cloud/access/first-admin.token")))
                                .header("Content-Type", "application/json")
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + " is answered " + answer.statusCode() + ": " + answer.body());
        }
        return new ObjectMapper().readTree(answer.body());
    }

    /** Samples that a device was told are durable, as {@code DEVICE/SAMPLE}. */
    Set<String> acknowledged() {
        return acknowledged;
    }

    /** Listens to what the devices are told, as a bystander. */
    private void watchAcknowledgements() {
        TrustedKeys keys = TrustedKeys.fromPem(folder.resolve("cloud/signing-key.pub.pem"));
        witness = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "witness"));
        for (String device : devices) {
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
        execute("create table taken (device text, sample_id text)");
        execute("create function note_taken() returns trigger language plpgsql as $$ begin"
                + " insert into taken values (new.device, new.sample_id); return new; end $$");
        execute("create trigger taken after update of trained_step on sample for each row"
                + " when (new.trained_step is not null) execute function note_taken()");
    }

    /** Samples that two steps took as new. */
    List<String> trainedTwice() throws SQLException {
        return query("select device || '/' || sample_id from taken group by 1 having count(*) > 1");
    }

    /** What the replay store holds, as {@code DEVICE/SAMPLE}. */
    Set<String> durableSamples() throws SQLException {
        return new HashSet<>(query("select device || '/' || sample_id from sample"));
    }

    long newestRevision() throws SQLException {
        return Long.parseLong(query("select coalesce(max(revision), 0)::text from publication")
                .get(0));
    }

    /** First column of every row, as the tenant sees it. */
    List<String> query(String sql) throws SQLException {
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

    /** A statement, as the tenant. */
    void execute(String sql) throws SQLException {
        try (Connection connection = database();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection database() throws SQLException {
        Connection connection =
                DriverManager.getConnection(database.jdbcUrl(), database.databaseUser(), database.databasePassword());
        try (Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
        }
        return connection;
    }

    Path sink(String device) {
        return folder.resolve(device + ".jsonl");
    }

    /** Numbers of the frames it has answered. */
    Set<Long> framesSeen(String device) throws IOException {
        Set<Long> frames = new HashSet<>();
        for (JsonNode line : new SinkTail(sink(device)).next()) {
            if (line.has("frame")) {
                frames.add(line.path("frame").asLong());
            }
        }
        return frames;
    }

    /** The updates it has swapped to, in order. */
    List<JsonNode> applied(String device) throws IOException {
        return new SinkTail(sink(device))
                .next().stream()
                        .filter(line -> "APPLIED".equals(line.path("event").asText()))
                        .toList();
    }

    JsonNode status(String device) throws IOException {
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

    @Override
    public void close() throws InterruptedException {
        if (witness != null) {
            witness.close();
        }
        for (GuardedProcess process : processes.values()) {
            process.kill();
        }
        stack.close();
        database.close();
        traces.close();
    }
}
