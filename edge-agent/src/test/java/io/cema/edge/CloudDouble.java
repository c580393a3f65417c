package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.Command;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tenant of its own at a real broker, and the cloud's side of the contract in miniature: artefacts over HTTP with ranges, a signed desired
 * state and updates, acks for samples once told to give them.
 */
public final class CloudDouble implements QuarkusTestResourceLifecycleManager {
    static final String DEVICE = "cam-1";
    static final String COHORT = "fog-east";
    private static final int FRAMES = 4000;

    /** Argument of the tests of serving, which share one agent on its base model, with small limits. */
    static final String SERVING = "serving";

    static final int MAX_BODY = 100_000;
    static final int MAX_REQUESTS = 4;

    private static final AtomicInteger TENANTS = new AtomicInteger();
    private static CloudDouble running;

    final OnnxModel model = TestModels.residual();
    final ModelManifest manifest = TestModels.manifest("residual", model);
    final Map<String, byte[]> artefacts = new ConcurrentHashMap<>();
    final List<String> ranges = new CopyOnWriteArrayList<>();
    final List<SamplePart> parts = new CopyOnWriteArrayList<>();
    final List<DeviceEvent> events = new CopyOnWriteArrayList<>();
    final List<ReportedState> reported = new CopyOnWriteArrayList<>();
    final List<Telemetry> telemetry = new CopyOnWriteArrayList<>();
    final List<Presence> presences = new CopyOnWriteArrayList<>();
    final List<StatisticsReport> statistics = new CopyOnWriteArrayList<>();
    /** Whether each artefact breaks off half-way when it is asked for from its beginning. */
    volatile boolean breakingOff = true;

    /** By the command's id. */
    final Map<String, CommandResponse> responses = new ConcurrentHashMap<>();

    volatile boolean acknowledging;

    /** Its own, so that those who share a broker see nothing of each other. */
    private final String tenant = "tenant-" + TENANTS.incrementAndGet();

    private boolean serving;
    private Optional<StackProcess> own = Optional.empty();
    private Path folder;
    private SigningKey key;
    StackProcess stack;
    private HttpServer http;
    private MqttLink link;

    /** The one that runs now. */
    static CloudDouble running() {
        return running;
    }

    Path folder() {
        return folder;
    }

    @Override
    public void init(Map<String, String> arguments) {
        serving = arguments.containsKey(SERVING);
    }

    @Override
    public Map<String, String> start() {
        try {
            // Quarkus loads this class once for each application, so it cannot share one with the other tests.
            folder = Files.createTempDirectory("cema-edge");
            own = Optional.of(StackProcess.startBrokerOnly(folder.resolve("stack")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> settings = new HashMap<>(open());
        running = this;
        if (serving) {
            settings.put("cema.serving.max-body-bytes", Integer.toString(MAX_BODY));
            settings.put("cema.serving.max-requests", Integer.toString(MAX_REQUESTS));
            settings.put("cema.serving.batch-delay", "1ms");
        }
        return settings;
    }

    /** For a test that makes its own agent: the settings of one. */
    Map<String, String> open() {
        try {
            folder = own.isPresent() ? folder : Files.createTempDirectory("cema-edge");
            stack = own.orElseGet(SharedBroker::running);
            key = SigningKey.loadOrCreate(folder.resolve("keys"));
            artefacts.put(manifest.digest(), model.toBytes());
            artefacts.put(TestModels.sha256(manifest.toJson()), manifest.toJson());
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/api/v1/artefacts/", this::artefact);
            http.start();
            connect();
            writeRecord(folder.resolve("frames.rec"));
            writeSysfs(folder.resolve("sys"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settings();
    }

    private Map<String, String> settings() {
        return Map.ofEntries(
                Map.entry("cema.tenant", tenant),
                Map.entry("cema.device.id", DEVICE),
                Map.entry("cema.device.telemetry-interval", "500ms"),
                Map.entry("cema.data-dir", folder.resolve("edge").toString()),
                Map.entry("cema.mqtt.host", stack.host()),
                Map.entry("cema.mqtt.port", Integer.toString(stack.brokerPort())),
                Map.entry(
                        "cema.cloud.url",
                        "http://localhost:" + http.getAddress().getPort()),
                Map.entry("cema.cloud.plain-http", "loopback"),
                Map.entry(
                        "cema.trust.key-file",
                        folder.resolve("keys/signing-key.pub.pem").toString()),
                Map.entry("cema.frames.source", "record"),
                Map.entry("cema.frames.path", folder.resolve("frames.rec").toString()),
                Map.entry("cema.frames.rate", "100"),
                Map.entry("cema.frames.loop", "true"),
                Map.entry("cema.selection.random-share", "0.2"),
                Map.entry("cema.selection.seed", "1"),
                Map.entry("cema.uplink.ack-timeout", "2s"),
                Map.entry("cema.power.source", "ina3221"),
                Map.entry("cema.power.sysfs", folder.resolve("sys").toString()),
                Map.entry("cema.sink.path", folder.resolve("predictions.jsonl").toString()));
    }

    @Override
    public void stop() {
        running = running == this ? null : running;
        if (link != null) {
            link.close();
        }
        if (http != null) {
            http.stop(0);
        }
        own.ifPresent(StackProcess::close);
        SharedBroker.delete(folder);
    }

    /** Publishes the desired state that gives the device this model. */
    void wish(long version) {
        wish(version, manifest);
    }

    /** The same with another model, whose artefacts must be there. */
    void wish(long version, ModelManifest manifest) {
        wish(DesiredState.newBuilder()
                .setVersion(version)
                .addSlots(slot(manifest))
                .build());
    }

    /** Sends a command; the answer comes to {@link #responses}. */
    void command(Command command) {
        String topic = Topics.device(tenant, DEVICE, DeviceLeaf.COMMAND);
        await().atMost(Duration.ofSeconds(60)).until(link::connected);
        link.publish(new OutgoingMessage(
                topic,
                EnvelopeSealer.sign(topic, command, key.id(), key.privateKey(), 1)
                        .toByteArray(),
                1,
                false,
                Optional.empty(),
                Map.of(),
                Optional.of(Topics.device(tenant, DEVICE, DeviceLeaf.RESPONSE)),
                Optional.of(new byte[] {1})));
    }

    void wish(DesiredState desired) {
        publish(Topics.device(tenant, DEVICE, DeviceLeaf.DESIRED), desired, true);
    }

    /** A slot of another cohort. */
    static Slot slot(String cohort, ModelManifest manifest) {
        return slot(manifest).toBuilder().setCohort(cohort).build();
    }

    static Slot slot(ModelManifest manifest) {
        return Slot.newBuilder()
                .setModelDigest(manifest.digest())
                .setModelSize(manifest.size())
                .setManifestDigest(TestModels.sha256(manifest.toJson()))
                .setManifestSize(manifest.toJson().length)
                .setCohort(COHORT)
                .setChannel("stable")
                .setSelection(SelectionPolicy.getDefaultInstance())
                .setAdaptation(true)
                .build();
    }

    /** Gives the device this model and waits until it is in use. */
    void awaitServing() {
        wish(1);
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> given().get("/v2/health/ready").then().statusCode(200));
    }

    /** Publishes an update to the model's cohort. */
    void update(String version, long revision, AffineParameters difference) {
        update(COHORT, manifest, version, revision, difference);
    }

    /** Publishes an update to another cohort, or of another model. */
    void update(String cohort, ModelManifest updated, String version, long revision, AffineParameters difference) {
        AffineUpdate update = AffineUpdate.newBuilder()
                .setVersion(version)
                .setRevision(Revision.newBuilder().setRevision(revision))
                .setModelDigest(updated.digest())
                .setCohort(cohort)
                .setChannel("stable")
                .setAffine(ByteString.copyFrom(AffineCodec.encode(difference)))
                .build();
        publish(Topics.update(tenant, cohort, updated.digest(), "stable"), update, true);
    }

    /** Makes a further model available. */
    ModelManifest offer(String name, OnnxModel further) {
        ModelManifest offered = TestModels.manifest(name, further);
        artefacts.put(offered.digest(), further.toBytes());
        artefacts.put(TestModels.sha256(offered.toJson()), offered.toJson());
        return offered;
    }

    private void connect() {
        link = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "cloud-double"));
        link.subscribe(Topics.allDevices(tenant, DeviceLeaf.SAMPLES), 1, this::onSample);
        collect(DeviceLeaf.EVENT, DeviceEvent.getDefaultInstance(), events);
        collect(DeviceLeaf.REPORTED, ReportedState.getDefaultInstance(), reported);
        collect(DeviceLeaf.TELEMETRY, Telemetry.getDefaultInstance(), telemetry);
        collect(DeviceLeaf.PRESENCE, Presence.getDefaultInstance(), presences);
        collect(DeviceLeaf.STATISTICS, StatisticsReport.getDefaultInstance(), statistics);
        link.subscribe(Topics.allDevices(tenant, DeviceLeaf.RESPONSE), 1, message -> {
            CommandResponse response =
                    EnvelopeOpener.openUnsigned(message.payload(), CommandResponse.getDefaultInstance());
            responses.put(response.getId(), response);
            message.acknowledge();
        });
        link.start();
    }

    private <M extends Message> void collect(DeviceLeaf leaf, M prototype, List<M> into) {
        link.subscribe(Topics.allDevices(tenant, leaf), 1, message -> {
            into.add(EnvelopeOpener.openUnsigned(message.payload(), prototype));
            message.acknowledge();
        });
    }

    private void onSample(IncomingMessage message) {
        SamplePart part = EnvelopeOpener.openUnsigned(message.payload(), SamplePart.getDefaultInstance());
        parts.add(part);
        message.acknowledge();
        if (acknowledging && part.getPart() == part.getParts() - 1) {
            SampleAck ack = SampleAck.newBuilder()
                    .addEntries(SampleAck.Entry.newBuilder()
                            .setSampleId(part.getSampleId())
                            .setOutcome(SampleAck.Outcome.DURABLE))
                    .build();
            send(Topics.device(tenant, DEVICE, DeviceLeaf.ACK), ack, false);
        }
    }

    void publish(String topic, Message message, boolean retain) {
        await().atMost(Duration.ofSeconds(60)).until(link::connected);
        send(topic, message, retain);
    }

    private void send(String topic, Message message, boolean retain) {
        byte[] payload = EnvelopeSealer.sign(topic, message, key.id(), key.privateKey(), 1)
                .toByteArray();
        link.publish(OutgoingMessage.of(topic, payload, 1, retain));
    }

    /** Sends at most half of what is asked for and then breaks off, unless the rest was asked for. */
    private void artefact(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] bytes = artefacts.get(path.substring(path.lastIndexOf('/') + 1));
        if (bytes == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(range == null ? "" : range);
        int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
        boolean breakOff = breakingOff && range == null && bytes.length > 2048;
        OutputStream body = exchange.getResponseBody();
        body.write(Arrays.copyOfRange(bytes, from, breakOff ? bytes.length / 2 : bytes.length));
        if (breakOff) {
            body.flush();
            // The server closes the connection of a handler that fails.
            throw new IOException("broken off on purpose");
        }
        body.close();
    }

    private static void writeRecord(Path file) throws IOException {
        Random random = new Random(5);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeBytes("CEMAREC1");
            out.writeInt(TestModels.SIZE);
            out.writeInt(TestModels.SIZE);
            out.writeInt(FRAMES);
            for (int i = 0; i < FRAMES; i++) {
                out.write(image(random).rgb());
            }
        }
    }

    /** A Jetson Orin NX at 5 V and 1.2 A, its CPU at 49.5 degrees. */
    private static void writeSysfs(Path sys) throws IOException {
        Path hwmon = sys.resolve("bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1");
        Path zone = sys.resolve("class/thermal/thermal_zone0");
        Files.createDirectories(hwmon);
        Files.createDirectories(zone);
        Files.writeString(hwmon.resolve("in1_label"), "VDD_IN\n");
        Files.writeString(hwmon.resolve("in1_input"), "5000\n");
        Files.writeString(hwmon.resolve("curr1_input"), "1200\n");
        Files.writeString(zone.resolve("type"), "cpu-thermal\n");
        Files.writeString(zone.resolve("temp"), "49500\n");
    }

    /** Noise around a random colour. */
    static Image image(Random random) {
        byte[] rgb = new byte[TestModels.SIZE * TestModels.SIZE * 3];
        int[] colour = {random.nextInt(200), random.nextInt(200), random.nextInt(200)};
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (colour[i % 3] + random.nextInt(56));
        }
        return new Image(TestModels.SIZE, TestModels.SIZE, rgb);
    }
}
