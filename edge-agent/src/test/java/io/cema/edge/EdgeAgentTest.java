package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.ops.stack.Scrape;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Power;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One agent over a real broker, through its life in order: model, samples, updates, serving, loss of the broker. */
@QuarkusTest
@WithTestResource(CloudDouble.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EdgeAgentTest {
    private static final String UPDATE = "01J00000000000000000000001";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CloudDouble cloud = CloudDouble.running();

    @BeforeAll
    static void patience() {
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    @Test
    @Order(1)
    void ready_noDesiredState_isNot() {
        given().get("/v2/health/ready").then().statusCode(503);
        given().get("/v2/health/live").then().statusCode(200);
    }

    @Test
    @Order(2)
    void desiredState_modelOverABrokenLine_isFetchedByResumingAndServed() {
        cloud.wish(1);

        await().untilAsserted(() -> given().get("/v2/health/ready").then().statusCode(200));

        assertThat(cloud.ranges).anyMatch(r -> r.startsWith("bytes="));
        assertThat(status().getString("model_digest")).isEqualTo(cloud.manifest.digest());
        await().until(() -> cloud.reported.stream()
                .anyMatch(r -> r.getDesiredVersion() == 1
                        && r.getSlotsCount() == 1
                        && r.getSlots(0).getModelDigest().equals(cloud.manifest.digest())));
        await().until(() -> cloud.events.stream().anyMatch(e -> e.getType() == DeviceEvent.Type.VERIFIED));
    }

    @Test
    @Order(3)
    void presence_afterConnect_isOnline() {
        await().until(() -> !cloud.presences.isEmpty()
                && cloud.presences.get(cloud.presences.size() - 1).getState() == Presence.State.ONLINE);
    }

    @Test
    @Order(4)
    void samples_beforeTheAck_stayInTheSpool() {
        await().until(() -> cloud.parts.size() >= 10);

        assertThat(status().getInt("acknowledged")).isZero();
        assertThat(status().getInt("spool.images")).isGreaterThanOrEqualTo(10);
        SamplePart part = cloud.parts.get(0);
        assertThat(part.getInfo().getModelDigest()).isEqualTo(cloud.manifest.digest());
        assertThat(part.getInfo().getReason()).isIn(UploadReason.RANDOM, UploadReason.STATISTICS);
        assertThat(ImageCodec.decode(part.getInfo().getFormat(), part.getData().toByteArray())
                        .width())
                .isEqualTo(TestModels.SIZE);
    }

    @Test
    @Order(5)
    void samples_afterTheAck_leaveTheSpool() {
        cloud.acknowledging = true;

        // Those sent before are sent again and acknowledged then.
        String first = cloud.parts.get(0).getSampleId();
        await().until(() ->
                cloud.parts.stream().filter(p -> p.getSampleId().equals(first)).count() > 1);
        await().untilAsserted(() -> {
            JsonPath status = status();
            assertThat(status.getInt("acknowledged")).isGreaterThanOrEqualTo(10);
            assertThat(status.getInt("spool.images")).isLessThan(10);
        });
    }

    @Test
    @Order(6)
    void update_signedAndNewer_isApplied() {
        cloud.update(UPDATE, 1, difference());

        await().untilAsserted(() -> {
            assertThat(status().getString("update")).isEqualTo(UPDATE);
            assertThat(sink()).anyMatch(l -> l.contains("\"event\":\"APPLIED\"") && l.contains(UPDATE));
            assertThat(sink()).anyMatch(l -> l.contains("\"class\":") && l.contains(UPDATE));
        });
        assertThat(status().getInt("updates_applied")).isEqualTo(1);
        assertThat(status().getInt("downloaded_bytes")).isPositive();
        await().until(() -> cloud.events.stream()
                .anyMatch(e -> e.getType() == DeviceEvent.Type.APPLIED
                        && e.getUpdateVersion().equals(UPDATE)));
    }

    @Test
    @Order(7)
    void update_stale_isRefusedAndReported() {
        cloud.update("01J00000000000000000000009", 1, difference());

        await().until(() -> cloud.events.stream().anyMatch(e -> e.getType() == DeviceEvent.Type.REJECTED));
        assertThat(status().getString("update")).isEqualTo(UPDATE);
        assertThat(status().getInt("updates_refused")).isEqualTo(1);
        assertThat(sink()).anyMatch(l -> l.contains("\"event\":\"REJECTED\""));
    }

    @Test
    @Order(8)
    void infer_openInferenceProtocol_givesTheActiveModelsLogits() {
        float[] input = TestModels.randomInput(2, 192, 4);

        JsonPath answer = infer(input).jsonPath();

        assertThat(answer.getString("model_version")).isEqualTo(UPDATE);
        assertThat(answer.getList("outputs[0].shape", Integer.class)).containsExactly(2, TestModels.CLASSES);
        List<Float> logits = answer.getList("outputs[0].data", Float.class);
        float[] want = expectedLogits(input);
        for (int i = 0; i < want.length; i++) {
            assertThat(logits.get(i)).isCloseTo(want[i], within(1e-4f));
        }
    }

    @Test
    @Order(9)
    void infer_wrongShape_isABadRequestThatSaysSo() {
        Map<String, Object> tensor =
                Map.of("name", "input", "shape", List.of(1, 3, 4, 4), "datatype", "FP32", "data", List.of(1.0));

        String error = given().contentType("application/json")
                .body(Map.of("inputs", List.of(tensor)))
                .post("/v2/models/residual/infer")
                .then()
                .statusCode(400)
                .extract()
                .path("error");

        assertThat(error).contains("[1, 3, 4, 4]");
    }

    @Test
    @Order(10)
    void infer_unknownModel_isNotFound() {
        given().get("/v2/models/other").then().statusCode(404);
    }

    @Test
    @Order(11)
    void classify_png_givesAClass() throws IOException {
        JsonPath answer = given().contentType("image/png")
                .body(png())
                .post("/v1/classify")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();

        assertThat(answer.getInt("class")).isBetween(0, TestModels.CLASSES - 1);
        assertThat(answer.getString("update")).isEqualTo(UPDATE);
    }

    @Test
    @Order(12)
    void classify_noImage_isABadRequest() {
        given().contentType("image/png")
                .body(new byte[] {1, 2, 3})
                .post("/v1/classify")
                .then()
                .statusCode(400);
    }

    @Test
    @Order(13)
    void telemetry_afterAWhile_carriesTheCounters() {
        await().until(() -> cloud.telemetry.stream()
                .anyMatch(t -> t.getFrames() > 0
                        && t.getUpdatesApplied() == 1
                        && t.getAcknowledgedImages() > 0
                        && t.getUploadedLastHour() > 0
                        && !t.getUplinkHold().isEmpty()));
    }

    @Test
    @Order(14)
    void telemetry_onAJetson_carriesPowerTemperatureAndTheEnergyBetweenTwoMessages() {
        await().until(() ->
                cloud.telemetry.stream().filter(t -> t.getInferences() > 0).count() > 3);

        Telemetry first = cloud.telemetry.get(0);
        Telemetry last = cloud.telemetry.get(cloud.telemetry.size() - 1);
        Power power = last.getPower();
        assertThat(power.getSensor()).isEqualTo("ina3221 VDD_IN");
        assertThat(power.getProblem()).isEmpty();
        assertThat(power.getEnergySource()).isEqualTo(Power.EnergySource.INTEGRATED);
        assertThat(power.getWatts()).isEqualTo(6);
        assertThat(power.getCelsius()).isEqualTo(49.5);
        assertThat(power.getHottestZone()).isEqualTo("cpu-thermal");
        assertThat(last.getInferences()).isGreaterThanOrEqualTo(last.getFrames());
        // 6 W all the time: the joules are six times the seconds between the samples, which lie beside the uptimes.
        double seconds = (last.getUptimeMs() - first.getUptimeMs()) / 1000.0;
        assertThat(power.getJoules() - first.getPower().getJoules()).isCloseTo(6 * seconds, withinPercentage(50));
    }

    @Test
    @Order(15)
    void status_onAJetson_saysWhichSensorAndWhatItReads() {
        JsonPath status = status();

        assertThat(status.getString("power.sensor")).isEqualTo("ina3221 VDD_IN");
        assertThat(status.getDouble("power.watts")).isEqualTo(6);
        assertThat(status.getDouble("power.joules")).isPositive();
        assertThat(status.getDouble("power.celsius.cpu-thermal")).isEqualTo(49.5);
        assertThat(status.getLong("inferences")).isPositive();
    }

    @Test
    @Order(16)
    void metrics_onAJetson_showWorkPowerAndHeat() {
        assertThat(given().get("/q/metrics").asString())
                .containsPattern("(?m)^cema_power_watts\\S* 6\\.0$")
                .containsPattern("(?m)^cema_temperature_celsius\\S* 49\\.5$")
                .containsPattern("(?m)^cema_energy_joules_total\\S* [0-9.E]+$")
                .containsPattern("(?m)^cema_inferences_total\\S* [0-9.E]+$");
    }

    /** To write it anew: {@code -Dtest=EdgeAgentTest -Dcema.write=true}. */
    @Test
    @Order(16)
    void metrics_areThoseOfTheCatalogue() throws IOException {
        Path catalogue = Path.of("../ops/observability/metrics/edge.md");

        String table = new Scrape(
                        given().header("Accept", "text/plain").get("/q/metrics").asString())
                .table("cema_");
        if (Boolean.getBoolean("cema.write")) {
            Files.writeString(catalogue, table);
        }
        assertThat(catalogue)
                .as("what is exported has changed: run this test with -Dcema.write=true")
                .content()
                .isEqualTo(table);
    }

    @Test
    @Order(17)
    void brokerKilled_servesOnSpoolsAndSendsLater() {
        cloud.stack.killBroker();
        await().until(() -> !status().getBoolean("connected"));
        int frames = status().getInt("frames");

        await().until(() -> status().getInt("frames") > frames + 20 && status().getInt("spool.images") > 0);
        assertThat(infer(TestModels.randomInput(2, 192, 4)).statusCode()).isEqualTo(200);

        int acknowledged = status().getInt("acknowledged");
        cloud.stack.startBroker();
        await().atMost(Duration.ofSeconds(120))
                .until(() -> status().getBoolean("connected") && status().getInt("acknowledged") > acknowledged);
        assertThat(status().getString("update")).isEqualTo(UPDATE);
    }

    @Test
    @Order(18)
    void model_onItsWay_isReportedStepByStep() {
        await().untilAsserted(() -> assertThat(modelSteps(cloud.manifest.digest()))
                .containsExactly("DOWNLOADING", "DOWNLOADED", "VERIFIED", "APPLIED"));

        JsonPath status = status();
        assertThat(status.getString("model.state")).isEqualTo("APPLIED");
        assertThat(status.getLong("model.received")).isEqualTo(cloud.manifest.size());
        assertThat(status.getLong("model.size")).isEqualTo(cloud.manifest.size());
    }

    @Test
    @Order(19)
    @EnabledOnOs(OS.LINUX)
    void model_diskFull_isReportedWhileTheOldOneServesUntilThereIsSpace() throws IOException {
        OnnxModel other = TestModels.preActivation();
        ModelManifest manifest = TestModels.manifest("other", other);
        cloud.artefacts.put(manifest.digest(), other.toBytes());
        cloud.artefacts.put(TestModels.sha256(manifest.toJson()), manifest.toJson());
        Path partial = cloud.folder().resolve("edge/models").resolve(manifest.digest() + ".part");
        Files.createSymbolicLink(partial, Path.of("/dev/full"));

        cloud.wish(2, manifest);

        await().until(() -> status().getString("model.state").equals("FAILED"));
        assertThat(status().getString("model.reason")).contains("free space");
        assertThat(status().getString("problem")).contains("free space");
        assertThat(infer(TestModels.randomInput(2, 192, 4)).statusCode()).isEqualTo(200);
        assertThat(status().getString("model_digest")).isEqualTo(cloud.manifest.digest());
        await().until(() -> modelSteps(manifest.digest()).equals(List.of("DOWNLOADING", "FAILED")));

        Files.delete(partial);
        cloud.wish(3, manifest);

        await().until(() -> status().getString("model_digest").equals(manifest.digest()));
        assertThat(status().getString("problem")).isEmpty();
        await().untilAsserted(
                        () -> assertThat(modelSteps(manifest.digest())).endsWith("DOWNLOADED", "VERIFIED", "APPLIED"));
    }

    private List<String> modelSteps(String digest) {
        return cloud.events.stream()
                .filter(e ->
                        e.getSubject().equals("model") && e.getModelDigest().equals(digest))
                .map(e -> e.getType().name())
                .toList();
    }

    private float[] expectedLogits(float[] input) {
        AffineFolder folder = new AffineFolder(cloud.model);
        byte[] folded = folder.fold(folder.base().plus(decoded()));
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(folded)) {
            return engine.logits(input, 2);
        }
    }

    private AffineParameters decoded() {
        return AffineCodec.decode(AffineCodec.encode(difference()), cloud.manifest.layers());
    }

    private AffineParameters difference() {
        return TestModels.difference(cloud.model.affine(), .02, 1);
    }

    private static Response infer(float[] input) {
        List<Float> data = new ArrayList<>();
        for (float value : input) {
            data.add(value);
        }
        Map<String, Object> tensor = Map.of(
                "name", "input", "shape", List.of(input.length / 192, 3, 8, 8), "datatype", "FP32", "data", data);
        return given().contentType("application/json")
                .body(Map.of("id", "7", "inputs", List.of(tensor)))
                .post("/v2/models/residual/infer");
    }

    private static byte[] png() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, random.nextInt(1 << 24));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private List<String> sink() {
        try {
            return Files.readAllLines(cloud.folder().resolve("predictions.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonPath status() {
        return given().get("/v2/cema/status").jsonPath();
    }
}
