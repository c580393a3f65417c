package io.cema.cloud.guard;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.TestSamples;
import io.cema.cloud.TestSamples.Kind;
import io.cema.cloud.ingest.TrustedSamples;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices compared on a real database; the odd one sends black images. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class QuarantineTest {
    private static final int UPLOADS = 50;

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    OutlierWatch watch;

    @Inject
    TestSamples samples;

    private String cohort;
    private String model;
    private String odd;
    private List<String> others;

    @BeforeEach
    void fleet() {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        cohort = "q" + suffix;
        odd = "odd-" + suffix;
        others = List.of("a-" + suffix, "b-" + suffix, "c-" + suffix, "d-" + suffix, "e-" + suffix);
        String[] all = new String[others.size() + 1];
        others.toArray(all);
        all[others.size()] = odd;
        model = TestModels.cohort(cohort, cohort.hashCode(), all);
    }

    @Test
    void oddDevice_isSetApartWithEvidence() {
        uploads();

        watch.look();

        given().get("/api/v1/quarantine/{device}", odd)
                .then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("state", equalTo("QUARANTINED"))
                .body("cohort", equalTo(cohort))
                .body("samples", equalTo(UPLOADS))
                .body("proposedCohort", equalTo("own-" + odd))
                .body("evidence.devices", equalTo(6))
                .body("evidence.score", greaterThan(6f))
                .body("evidence.differences.trait", hasItem("RED"));
        given().queryParam("cohort", cohort)
                .get("/api/v1/quarantine")
                .then()
                .statusCode(200)
                .body("items.device", equalTo(List.of(odd)));
    }

    @Test
    void samplesOfADeviceSetApart_areKeptAndNotTrusted() {
        uploads();
        watch.look();

        assertThat(samples.count("select count(*) from sample where device = $1", odd))
                .isEqualTo(UPLOADS);
        assertThat(trusted(odd)).isZero();
        assertThat(trusted(others.get(0))).isEqualTo(UPLOADS);
        assertThat(samples.count("select withdrawals from adaptation_loop where cohort = $1", cohort))
                .isEqualTo(1);
    }

    @Test
    void settingApart_isToldAndAudited() {
        uploads();
        watch.look();

        assertThat(samples.count(
                        "select count(*) from live_event where type = 'quarantine.added' and subject = $1",
                        "devices/" + odd))
                .isEqualTo(1);
        given().queryParams("who", "service", "resource", "/api/v1/quarantine/" + odd)
                .get("/api/v1/audit")
                .then()
                .body("items.operation", equalTo(List.of("QUARANTINE")));
    }

    @Test
    void settingApart_isAnAlarmUntilSomebodyDecides() {
        uploads();
        watch.look();

        given().queryParam("device", odd)
                .get("/api/v1/alarms")
                .then()
                .statusCode(200)
                .body("items.type", equalTo(List.of("DEVICE_QUARANTINED")))
                .body("items.cohort", equalTo(List.of(cohort)));

        given().post("/api/v1/quarantine/{device}/release", odd).then().statusCode(200);
        given().queryParam("device", odd).get("/api/v1/alarms").then().body("items", hasSize(0));
    }

    @Test
    void sampleOfADeviceSetApart_isAcknowledged() {
        uploads();
        watch.look();
        try (TestDevice device = device(odd)) {
            SamplePart sample = TestDevice.sample(cohort, model, 1);
            device.send(DeviceLeaf.SAMPLES, sample);

            assertThat(device.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        }
        assertThat(trusted(odd)).isZero();
    }

    @Test
    void equalDevices_areLeftAlone() {
        others.forEach(device -> uploads(device, 100, 40));
        uploads(odd, 110, 44);

        watch.look();

        given().queryParam("cohort", cohort).get("/api/v1/quarantine").then().body("items", empty());
    }

    @Test
    void fewUploads_areNotJudged() {
        others.forEach(device -> uploads(device, 100, 40));
        samples.addMany(Kind.of(odd, cohort, model).looking(0, 0), 20);

        watch.look();

        given().get("/api/v1/quarantine/{device}", odd).then().statusCode(404);
    }

    @Test
    void policyThatSwitchesItOff_isObeyed() {
        given().contentType("application/json")
                .body("{\"guard\": {\"quarantine\": false}}")
                .put("/api/v1/cohorts/{id}/policy", cohort)
                .then()
                .statusCode(200);
        uploads();

        watch.look();

        given().get("/api/v1/quarantine/{device}", odd).then().statusCode(404);
    }

    @Test
    void release_letsAllItsSamplesBackAndJudgesAnew() {
        uploads();
        watch.look();

        given().header("If-Match", "\"1\"")
                .post("/api/v1/quarantine/{device}/release", odd)
                .then()
                .statusCode(200)
                .header("ETag", "\"2\"")
                .body("state", equalTo("RELEASED"));
        watch.look();

        assertThat(trusted(odd)).isEqualTo(UPLOADS);
        given().get("/api/v1/quarantine/{device}", odd).then().body("state", equalTo("RELEASED"));
        given().queryParams("cohort", cohort, "state", "RELEASED")
                .get("/api/v1/quarantine")
                .then()
                .body("items", hasSize(1));
    }

    @Test
    void release_withAStaleTag_isRefused() {
        uploads();
        watch.look();

        given().header("If-Match", "\"7\"")
                .post("/api/v1/quarantine/{device}/release", odd)
                .then()
                .statusCode(412);
        assertThat(trusted(odd)).isZero();
    }

    @Test
    void release_twice_isAConflict() {
        uploads();
        watch.look();
        given().post("/api/v1/quarantine/{device}/release", odd).then().statusCode(200);

        given().post("/api/v1/quarantine/{device}/release", odd)
                .then()
                .statusCode(409)
                .body("detail", containsString("RELEASED"));
    }

    @Test
    void move_makesACohortOfItsOwnAndTellsTheDevice() {
        uploads();
        watch.look();
        String own = "own-" + odd;

        given().contentType("application/json")
                .body(Map.of("cohort", own))
                .post("/api/v1/quarantine/{device}/move", odd)
                .then()
                .statusCode(200)
                .body("state", equalTo("MOVED"))
                .body("movedTo", equalTo(own));

        given().get("/api/v1/cohorts/{id}", own)
                .then()
                .statusCode(200)
                .body("pair", equalTo(cohort))
                .body("devices", equalTo(List.of(odd)));
        given().queryParam("cohort", own).get("/api/v1/loops").then().body("modelDigest", equalTo(List.of(model)));
        assertThat(trusted(odd)).isZero();
        try (TestDevice device = device(odd)) {
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> device.newest(
                            DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .filter(state -> state.getSlots(0).getCohort().equals(own))
                    .isPresent());
        }
    }

    @Test
    void move_backLater_trustsWhatComesFromThenOn() {
        uploads();
        watch.look();
        given().contentType("application/json")
                .body(Map.of("cohort", "own-" + odd))
                .post("/api/v1/quarantine/{device}/move", odd)
                .then()
                .statusCode(200);
        given().put("/api/v1/cohorts/{id}/devices/{device}", cohort, odd).then().statusCode(200);

        samples.add(Kind.of(odd, cohort, model).at(Instant.now().plusSeconds(5)));

        assertThat(trusted(odd)).isEqualTo(1);
    }

    @Test
    void move_toTheCohortItIsIn_isAConflict() {
        uploads();
        watch.look();

        given().contentType("application/json")
                .body(Map.of("cohort", cohort))
                .post("/api/v1/quarantine/{device}/move", odd)
                .then()
                .statusCode(409);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"cohort\": null}", "{\"cohort\": \"not an id\"}", "{\"cohort\": 3", "[]"})
    void move_withoutACohort_isInvalid(String body) {
        given().contentType("application/json")
                .body(body)
                .post("/api/v1/quarantine/{device}/move", odd)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=100000", "limit=0", "offset=-1", "state=GONE"})
    void list_withAParameterOutOfRange_isInvalid(String query) {
        given().get("/api/v1/quarantine?" + query).then().statusCode(400).contentType("application/problem+json");
    }

    @Test
    void deviceNeverSetApart_isNotFound() {
        given().post("/api/v1/quarantine/{device}/release", odd).then().statusCode(404);
        given().contentType("application/json")
                .body(Map.of("cohort", "x"))
                .post("/api/v1/quarantine/{device}/move", odd)
                .then()
                .statusCode(404)
                .body("detail", not(containsString("null")));
    }

    private void uploads() {
        others.forEach(device -> uploads(device, 100, 40));
        uploads(odd, 0, 0);
    }

    private void uploads(String device, double grey, double contrast) {
        samples.addMany(Kind.of(device, cohort, model).looking(grey, contrast), UPLOADS);
    }

    private long trusted(String device) {
        return samples.count(
                "select count(*) from sample where device = $1 and cohort = $2" + TrustedSamples.CONDITION,
                device,
                cohort);
    }

    private TestDevice device(String id) {
        return new TestDevice(
                stack.host(), stack.brokerPort(), id, TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }
}
