package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Power;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cohorts and devices over the real broker. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class FleetTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private String cohort;
    private String device;
    private String model;
    private TestDevice agent;

    @BeforeEach
    void enrol() {
        cohort = "f" + UUID.randomUUID().toString().substring(0, 8);
        device = "e" + UUID.randomUUID().toString().substring(0, 8);
        model = TestModels.cohort(cohort, cohort.hashCode(), device);
        agent = new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void newCohort_sendsSignedRetainedDesiredState() {
        DesiredState desired = agent.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance());

        assertThat(desired.getVersion()).isEqualTo(1);
        assertThat(desired.getSlotsList()).hasSize(1);
        Slot slot = desired.getSlots(0);
        assertThat(slot.getModelDigest()).isEqualTo(model);
        assertThat(slot.getCohort()).isEqualTo(cohort);
        assertThat(slot.getAdaptation()).isTrue();
    }

    @Test
    void desiredArtefacts_canBeFetched() {
        Slot slot = agent.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                .getSlots(0);

        given().get("/api/v1/artefacts/{digest}", slot.getManifestDigest())
                .then()
                .statusCode(200)
                .header("Content-Length", equalTo(Long.toString(slot.getManifestSize())));
    }

    @Test
    void changedPolicy_reachesTheDevice() {
        given().contentType("application/json")
                .body(Map.of("selection", Map.of("randomShare", 0.25)))
                .put("/api/v1/cohorts/{id}/policy", cohort)
                .then()
                .statusCode(200);

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            DesiredState desired = agent.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .orElseThrow();
            assertThat(desired.getVersion()).isEqualTo(2);
            assertThat(desired.getSlots(0).getSelection().getRandomShare()).isEqualTo(0.25f);
        });
    }

    @Test
    void cohortOfMany_tellsEveryDevice() {
        String many = "m" + cohort;
        List<String> devices =
                IntStream.range(0, 230).mapToObj(i -> many + "-" + (1000 + i)).toList();
        String manyModel = TestModels.cohort(many, many.hashCode(), devices.toArray(String[]::new));
        List<TestDevice> some = IntStream.of(0, 99, 100, 229)
                .mapToObj(i -> new TestDevice(
                        stack.host(),
                        stack.brokerPort(),
                        devices.get(i),
                        TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"))))
                .toList();
        try {
            some.forEach(one -> assertThat(one.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                            .getSlots(0)
                            .getModelDigest())
                    .isEqualTo(manyModel));

            given().contentType("application/json")
                    .body(Map.of("selection", Map.of("randomShare", 0.25)))
                    .put("/api/v1/cohorts/{id}/policy", many)
                    .then()
                    .statusCode(200);

            Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(some)
                    .allSatisfy(one -> assertThat(one.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance()))
                            .hasValueSatisfying(desired -> {
                                assertThat(desired.getVersion()).isEqualTo(2);
                                assertThat(desired.getSlotsList()).hasSize(1);
                            })));
            given().queryParam("cohort", many)
                    .queryParam("limit", 500)
                    .get("/api/v1/devices")
                    .then()
                    .body("items", hasSize(devices.size()))
                    .body("items.desiredVersion", everyItem(equalTo(2)));
        } finally {
            some.forEach(TestDevice::close);
        }
    }

    @Test
    void rulesOfTheUplink_reachTheDevice() {
        given().contentType("application/json")
                .body(Map.of(
                        "selection",
                        Map.of(
                                "bytesPerDay",
                                5000,
                                "upload",
                                "NONE",
                                "quietHours",
                                List.of("22:00-06:00"),
                                "timeZone",
                                "Europe/Berlin")))
                .put("/api/v1/cohorts/{id}/policy", cohort)
                .then()
                .statusCode(200);

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            SelectionPolicy rules = agent.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .orElseThrow()
                    .getSlots(0)
                    .getSelection();
            assertThat(rules.getBytesPerDay()).isEqualTo(5000);
            assertThat(rules.getUpload()).isEqualTo(SelectionPolicy.Upload.NO_UPLOAD);
            assertThat(rules.getQuietHoursList()).containsExactly("22:00-06:00");
            assertThat(rules.getTimeZone()).isEqualTo("Europe/Berlin");
        });
    }

    @Test
    void unknownPolicyField_isProblemThatNamesIt() {
        given().contentType("application/json")
                .body(Map.of("gate", Map.of("noSuchField", 1)))
                .put("/api/v1/cohorts/{id}/policy", cohort)
                .then()
                .statusCode(422)
                .body("detail", containsString("noSuchField"));
    }

    @Test
    void removedDevice_getsStateWithoutSlot() {
        given().delete("/api/v1/cohorts/{id}/devices/{device}", cohort, device)
                .then()
                .statusCode(200);

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(
                        agent.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                                .orElseThrow()
                                .getSlotsList())
                .isEmpty());
    }

    @Test
    void deviceOfAnotherCohort_isConflict() {
        given().contentType("application/json")
                .body(Map.of("id", cohort + "x", "pair", cohort, "devices", List.of(device)))
                .post("/api/v1/cohorts")
                .then()
                .statusCode(409)
                .body("detail", containsString(device));
    }

    @Test
    void olderPresence_changesNothing() {
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.ONLINE, 5));
        awaitPresence("ONLINE");
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.OFFLINE, 4));
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.ONLINE, 6));

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> given().get(
                        "/api/v1/devices/{id}", device)
                .then()
                .body("connection", equalTo(6))
                .body("presence", equalTo("ONLINE")));
    }

    @Test
    void will_turnsTheDeviceOffline() {
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.ONLINE, 7));
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.OFFLINE, 7));

        awaitPresence("OFFLINE");
    }

    @Test
    void reportedState_isShown() {
        agent.sendRetained(
                DeviceLeaf.REPORTED,
                ReportedState.newBuilder()
                        .setDesiredVersion(1)
                        .setAgentVersion("0.1")
                        .setConnection(1)
                        .setSequence(1)
                        .build());

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> given().get(
                        "/api/v1/devices/{id}", device)
                .then()
                .body("reported.agentVersion", equalTo("0.1")));
    }

    @Test
    void telemetryOfAJetson_isShownWithTheEnergyOfAnInferenceBetweenTwoMessages() {
        agent.send(DeviceLeaf.TELEMETRY, telemetry("start-1", 1, 1000, 50));
        agent.send(DeviceLeaf.TELEMETRY, telemetry("start-1", 2, 1100, 75));

        awaitTelemetry("sequence", 2);
        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("telemetry.inferences", equalTo(1100))
                .body("telemetry.joulesPerInference", equalTo(0.25f))
                .body("telemetry.power.sensor", equalTo("ina3221 VDD_IN"))
                .body("telemetry.power.energySource", equalTo("INTEGRATED"))
                .body("telemetry.power.joules", equalTo(75f))
                .body("telemetry.power.watts", equalTo(6.5f))
                .body("telemetry.power.hottestZone", equalTo("tj-thermal"))
                .body("telemetry.power.celsius", equalTo(50.5f));
    }

    @Test
    void restartedAgent_hasNoEnergyOfAnInferenceAcrossTheRestart() {
        agent.send(DeviceLeaf.TELEMETRY, telemetry("start-1", 1, 1000, 50));
        agent.send(DeviceLeaf.TELEMETRY, telemetry("start-2", 2, 2000, 75));

        awaitTelemetry("sequence", 2);
        given().get("/api/v1/devices/{id}", device).then().body("telemetry", not(hasKey("joulesPerInference")));
    }

    @Test
    void agentWithoutSensor_isShownWithoutPower() {
        agent.send(
                DeviceLeaf.TELEMETRY,
                Telemetry.newBuilder()
                        .setStartId("old")
                        .setFrames(3)
                        .setSequence(1)
                        .build());
        agent.send(
                DeviceLeaf.TELEMETRY,
                Telemetry.newBuilder()
                        .setStartId("old")
                        .setFrames(4)
                        .setSequence(2)
                        .build());

        awaitTelemetry("frames", 4);
        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("telemetry", not(hasKey("power")))
                .body("telemetry", not(hasKey("inferences")))
                .body("telemetry", not(hasKey("joulesPerInference")));
    }

    @Test
    void clockThatIsBehind_isShownWithWhatHoldsTheSpoolUp() {
        long hours = Duration.ofHours(3).toMillis();
        agent.sendRaw(
                DeviceLeaf.TELEMETRY,
                EnvelopeSealer.unsigned(
                                telemetry("start-1", 1, 1000, 50).toBuilder()
                                        .setUplinkHold("QUIET_HOURS")
                                        .setUploadedLastHour(7)
                                        .build(),
                                System.currentTimeMillis() - hours)
                        .toByteArray());

        awaitTelemetry("sequence", 1);
        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("telemetry.uplinkHold", equalTo("QUIET_HOURS"))
                .body("telemetry.uploadedLastHour", equalTo(7))
                .body("telemetry.clockAheadMillis", lessThanOrEqualTo((int) -hours))
                .body("telemetry.clockAheadMillis", greaterThan((int) (-2 * hours)));
    }

    @Test
    void repeatedEvent_isOneEvent() {
        DeviceEvent event = DeviceEvent.newBuilder()
                .setType(DeviceEvent.Type.APPLIED)
                .setSubject("update")
                .setModelDigest(model)
                .setConnection(1)
                .setSequence(1)
                .build();
        agent.send(DeviceLeaf.EVENT, event);
        agent.send(DeviceLeaf.EVENT, event);
        agent.send(DeviceLeaf.EVENT, event.toBuilder().setSequence(2).build());

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(
                        given().queryParam("device", device)
                                .get("/api/v1/events")
                                .<List<Object>>path("items"))
                .hasSize(2));
    }

    @Test
    void garbageOnPresence_becomesDeadLetter() {
        agent.sendRaw(DeviceLeaf.PRESENCE, new byte[] {1, 2, 3});

        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(
                        given().queryParam("device", device)
                                .get("/api/v1/dead-letters")
                                .<List<String>>path("items.reason"))
                .anyMatch(reason -> reason.startsWith("presence:")));
    }

    private void awaitTelemetry(String field, int value) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() ->
                        given().get("/api/v1/devices/{id}", device).then().body("telemetry." + field, equalTo(value)));
    }

    private static Telemetry telemetry(String start, long sequence, long inferences, double joules) {
        return Telemetry.newBuilder()
                .setStartId(start)
                .setConnection(1)
                .setSequence(sequence)
                .setInferences(inferences)
                .setPower(Power.newBuilder()
                        .setSensor("ina3221 VDD_IN")
                        .setEnergySource(Power.EnergySource.INTEGRATED)
                        .setWatts(6.5)
                        .setJoules(joules)
                        .setCelsius(50.5)
                        .setHottestZone("tj-thermal"))
                .build();
    }

    private void awaitPresence(String state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> given().get("/api/v1/devices/{id}", device).then().body("presence", equalTo(state)));
    }

    private static Presence presence(Presence.State state, long connection) {
        return Presence.newBuilder()
                .setState(state)
                .setGeneration(1)
                .setConnection(connection)
                .build();
    }
}
