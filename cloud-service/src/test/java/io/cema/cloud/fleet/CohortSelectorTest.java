package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Presence;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cohorts that follow labels; each test has labels of its own, since selectors see every device. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class CohortSelectorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String base = "s" + UUID.randomUUID().toString().substring(0, 8);
    private final String device = base + "-d";

    /** A pair, and a cohort of that name which has the device on its list. */
    @BeforeEach
    void baseCohort() {
        TestModels.cohort(base, base.hashCode(), device);
    }

    /** Selectors of other tests must not see devices of these. */
    @AfterEach
    void endSelectors() {
        for (String suffix : List.of("-1", "-2")) {
            given().queryParam("force", true).delete("/api/v1/cohorts/{id}", base + suffix);
        }
    }

    @Test
    void changedLabel_movesTheDeviceAndItsTopics() {
        unlist();
        create("-1", "site=" + base, 100).statusCode(201).body("devices", empty());
        try (TestDevice agent = agent()) {
            label("site", base);

            place("cohort", base + "-1").body("placedBy", equalTo("SELECTOR"));
            Awaitility.await().atMost(PATIENCE).until(() -> agent.newest(
                            DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .filter(state -> state.getSlotsCount() == 1
                            && state.getSlots(0).getCohort().equals(base + "-1"))
                    .isPresent());
        }

        label("site", "elsewhere");
        place("cohort", null);
    }

    @Test
    void newSelector_takesDevicesThatMatchAlready() {
        unlist();
        label("site", base);

        create("-1", "site=" + base, 100).statusCode(201).body("devices", contains(device));
    }

    @Test
    void list_beatsEverySelector() {
        label("site", base);

        create("-1", "site=" + base, 0).statusCode(201).body("devices", empty());

        place("cohort", base).body("placedBy", equalTo("LIST"));
        given().get("/api/v1/cohorts/{id}", base + "-1")
                .then()
                .body("outvoted.device", contains(device))
                .body("outvoted.cohort", contains(base))
                .body("outvoted.placedBy", contains("LIST"));
    }

    @Test
    void deviceOffTheList_goesWhereSelectorsSay() {
        label("site", base);
        create("-1", "site=" + base, 100);

        unlist();

        place("cohort", base + "-1");
        given().delete("/api/v1/cohorts/{id}/devices/{device}", base + "-1", device)
                .then()
                .statusCode(409)
                .body("detail", containsString("selector"));
    }

    @Test
    void ofTwoSelectors_theSmallerPriorityWins() {
        unlist();
        label("site", base);
        create("-1", "site=" + base, 50);
        create("-2", "site=" + base, 10);

        place("cohort", base + "-2");
        given().get("/api/v1/cohorts/{id}", base + "-1").then().body("outvoted.placedBy", contains("SELECTOR"));
    }

    @Test
    void ofTwoSelectorsOfOnePriority_theOlderCohortWins() {
        unlist();
        label("site", base);
        create("-2", "site=" + base, 50);
        create("-1", "site=" + base, 50);

        place("cohort", base + "-2");
    }

    @Test
    void changedSelector_movesDevices() {
        unlist();
        label("site", base);
        create("-1", "site=" + base, 100);
        create("-2", "zone=" + base, 100);
        label("zone", base);
        place("cohort", base + "-1");

        selector("-1", Map.of("selector", "site=none")).statusCode(200).body("devices", empty());

        place("cohort", base + "-2");
        selector("-2", Map.of()).statusCode(200).body("selector", nullValue());
        place("cohort", null);
    }

    @Test
    void newDevice_comesByASelectorThatTakesIt() {
        String newcomer = base + "-n";
        create("-1", "!site,!zone," + "!" + base, 100);
        try (TestDevice agent = new TestDevice(stack.host(), stack.brokerPort(), newcomer, trusted())) {
            agent.sendRetained(
                    DeviceLeaf.PRESENCE,
                    Presence.newBuilder()
                            .setState(Presence.State.ONLINE)
                            .setGeneration(1)
                            .setConnection(1)
                            .build());

            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> given().get("/api/v1/devices/{id}", newcomer)
                    .then()
                    .statusCode(200)
                    .body("cohort", equalTo(base + "-1")));
        }
    }

    @Test
    void wrongSelector_isInvalidAndNamesThePlace() {
        create("-1", "site==", 100).statusCode(201); // an empty value is one
        create("-2", "site=a b", 100).statusCode(400).body("detail", containsString("at character 8"));
        selector("-1", Map.of("selector", "in (")).statusCode(400);
        selector("-1", Map.of("selector", "site", "priority", -1)).statusCode(400);
        selector("-1", Map.of("selectors", "site")).statusCode(400).body("detail", containsString("selectors"));
    }

    @Test
    void staleVersion_isRefusedByEveryChange() {
        String tag = given().get("/api/v1/cohorts/{id}", base).header("ETag");
        given().put("/api/v1/cohorts/{id}/devices/{device}", base, base + "-x")
                .then()
                .statusCode(200);

        stale(tag).body("{}").put("/api/v1/cohorts/{id}/policy", base).then().statusCode(412);
        stale(tag).body("{}").put("/api/v1/cohorts/{id}/selector", base).then().statusCode(412);
        stale(tag)
                .put("/api/v1/cohorts/{id}/devices/{device}", base, base + "-y")
                .then()
                .statusCode(412);
        stale(tag)
                .delete("/api/v1/cohorts/{id}/devices/{device}", base, device)
                .then()
                .statusCode(412);
        stale(tag)
                .queryParam("force", true)
                .delete("/api/v1/cohorts/{id}", base)
                .then()
                .statusCode(412);

        given().get("/api/v1/cohorts/{id}", base)
                .then()
                .statusCode(200)
                .body("devices", hasItem(device))
                .body("version", equalTo(2));
    }

    @Test
    void cohortWithDevices_endsOnlyByForce() {
        given().delete("/api/v1/cohorts/{id}", base).then().statusCode(409).body("detail", containsString("1 devices"));

        given().queryParam("force", true)
                .delete("/api/v1/cohorts/{id}", base)
                .then()
                .statusCode(204);

        given().get("/api/v1/cohorts/{id}", base).then().statusCode(404);
        place("cohort", null);
    }

    @Test
    void endedCohort_canBeMadeAgain() {
        given().queryParam("force", true)
                .delete("/api/v1/cohorts/{id}", base)
                .then()
                .statusCode(204);

        given().contentType("application/json")
                .body(Map.of("id", base, "pair", base, "devices", List.of(device)))
                .post("/api/v1/cohorts")
                .then()
                .statusCode(201)
                .body("devices", contains(device));
    }

    @Test
    void cohorts_areListedByFilterAndSort() {
        create("-1", "site=" + base, 7);

        given().queryParams("q", base, "sort", "-priority", "limit", 1)
                .get("/api/v1/cohorts")
                .then()
                .statusCode(200)
                .body("items.id", contains(base))
                .body("next", equalTo(1));
        given().queryParams("device", device).get("/api/v1/cohorts").then().body("items.id", contains(base));
        given().queryParams("sort", "secret").get("/api/v1/cohorts").then().statusCode(400);
        given().queryParams("limit", 100_000).get("/api/v1/cohorts").then().statusCode(400);
    }

    @Test
    void unchangedCohort_isNotSentAgain() {
        String tag = given().get("/api/v1/cohorts/{id}", base).header("ETag");

        given().header("If-None-Match", tag)
                .get("/api/v1/cohorts/{id}", base)
                .then()
                .statusCode(304);
    }

    @Test
    void malformedBodies_areProblems() {
        for (String body :
                List.of("{", "[]", "{\"id\": 5, \"wrong\": 1}", "\"x\"", "{\"id\": \"a b\", \"pair\": \"p\"}")) {
            given().contentType("application/json")
                    .body(body)
                    .post("/api/v1/cohorts")
                    .then()
                    .statusCode(400)
                    .contentType("application/problem+json");
        }
    }

    private void unlist() {
        given().delete("/api/v1/cohorts/{id}/devices/{device}", base, device)
                .then()
                .statusCode(200);
    }

    private ValidatableResponse create(String suffix, String selector, int priority) {
        Map<String, Object> body = new HashMap<>(Map.of("id", base + suffix, "pair", base));
        body.put("selector", selector);
        body.put("priority", priority);
        return given().contentType("application/json")
                .body(body)
                .post("/api/v1/cohorts")
                .then();
    }

    private ValidatableResponse selector(String suffix, Map<String, Object> body) {
        return given().contentType("application/json")
                .body(body)
                .put("/api/v1/cohorts/{id}/selector", base + suffix)
                .then();
    }

    private void label(String key, String value) {
        given().contentType("application/merge-patch+json")
                .body(Map.of("labels", Map.of(key, value)))
                .patch("/api/v1/devices/{id}", device)
                .then()
                .statusCode(200);
    }

    private ValidatableResponse place(String field, String cohort) {
        return given().get("/api/v1/devices/{id}", device).then().body(field, equalTo(cohort));
    }

    private static RequestSpecification stale(String tag) {
        return given().header("If-Match", tag).contentType("application/json");
    }

    private TestDevice agent() {
        return new TestDevice(stack.host(), stack.brokerPort(), device, trusted());
    }

    private TrustedKeys trusted() {
        return TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"));
    }
}
