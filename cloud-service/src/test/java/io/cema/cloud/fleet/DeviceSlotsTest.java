package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Slot;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Further models of a device, over the real broker. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class DeviceSlotsTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private String own;
    private String other;
    private String device;
    private String ownModel;
    private String otherModel;
    private TestDevice agent;

    @BeforeEach
    void enrol() {
        own = "o" + UUID.randomUUID().toString().substring(0, 8);
        other = "t" + UUID.randomUUID().toString().substring(0, 8);
        device = "e" + UUID.randomUUID().toString().substring(0, 8);
        ownModel = TestModels.cohort(own, own.hashCode(), device);
        otherModel = TestModels.cohort(other, other.hashCode(), device + "x");
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
    void addedSlot_isDesiredBesideTheFirst() {
        add(other).statusCode(200).body("cohort", containsString(own)).body("slots", contains(own, other));

        awaitSlots(own + " " + ownModel, other + " " + otherModel);
        given().get("/api/v1/cohorts/{id}", other)
                .then()
                .statusCode(200)
                .body("devices", contains(device, device + "x"));
        given().get("/api/v1/devices?cohort={c}&q={q}", other, device)
                .then()
                .statusCode(200)
                .body("items.id", contains(device, device + "x"));
    }

    @Test
    void removedSlot_leavesTheFirst() {
        add(other).statusCode(200);

        remove(other).statusCode(200).body("slots", contains(own));

        awaitSlots(own + " " + ownModel);
    }

    @Test
    void ownSlot_isNoFurtherOne() {
        remove(own).statusCode(409).body("detail", containsString("/api/v1/cohorts/" + own + "/devices/" + device));
    }

    @Test
    void takenOutOfItsOwnCohort_keepsTheFurtherSlot() {
        add(other).statusCode(200);

        given().delete("/api/v1/cohorts/{id}/devices/{device}", own, device)
                .then()
                .statusCode(200);

        awaitSlots(other + " " + otherModel);
    }

    @Test
    void secondCohortOfOneModel_isRefused() {
        String twin = own + "2";
        given().contentType("application/json")
                .body(Map.of("id", twin, "pair", own))
                .post("/api/v1/cohorts")
                .then()
                .statusCode(201);

        add(twin).statusCode(409).body("detail", containsString("runs a model once"));
    }

    @Test
    void agentOfOneModel_isRefused() {
        agent.sendRetained(
                DeviceLeaf.REPORTED,
                ReportedState.newBuilder()
                        .addCapabilities("image:png")
                        .setConnection(1)
                        .setSequence(1)
                        .build());
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .until(() ->
                        given().get("/api/v1/devices/{id}", device).jsonPath().get("reported") != null);

        add(other).statusCode(409).body("detail", containsString("slots:several"));
    }

    @Test
    void samplesOfEachSlot_areTaken_andOfNoOther() {
        add(other).statusCode(200);

        assertThat(send(own, ownModel).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(send(other, otherModel).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(send(other, ownModel).getOutcome()).isEqualTo(SampleAck.Outcome.DEAD_LETTERED);
    }

    @Test
    void decommissioned_hasNoSlotLeft() {
        add(other).statusCode(200);

        given().delete("/api/v1/devices/{id}", device).then().statusCode(204);

        given().get("/api/v1/cohorts/{id}", other).then().statusCode(200).body("devices", contains(device + "x"));
    }

    private SampleAck.Entry send(String cohort, String model) {
        SamplePart part = TestDevice.sample(cohort, model, 1);
        agent.send(DeviceLeaf.SAMPLES, part);
        return agent.awaitAck(part.getSampleId());
    }

    private ValidatableResponse add(String cohort) {
        return given().put("/api/v1/devices/{id}/slots/{cohort}", device, cohort)
                .then();
    }

    private ValidatableResponse remove(String cohort) {
        return given().delete("/api/v1/devices/{id}/slots/{cohort}", device, cohort)
                .then();
    }

    private void awaitSlots(String... wanted) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            List<Slot> slots = agent.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .orElseThrow()
                    .getSlotsList();
            assertThat(slots)
                    .extracting(s -> s.getCohort() + " " + s.getModelDigest())
                    .containsExactly(wanted);
        });
    }
}
