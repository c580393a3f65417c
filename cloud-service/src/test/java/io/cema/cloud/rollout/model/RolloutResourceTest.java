package io.cema.cloud.rollout.model;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every endpoint of rollouts, and what it refuses. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class RolloutResourceTest {
    private static final String PROBLEM = "application/problem+json";
    private static final String TWO_WAVES = "[{\"name\":\"canary\",\"percent\":10},{\"name\":\"all\",\"percent\":100}]";

    private final String cohort = "r" + UUID.randomUUID().toString().substring(0, 8);
    private String foundation;

    @BeforeEach
    void cohortWithThreeDevices() {
        TestModels.cohort(cohort, cohort.hashCode(), cohort + "-a", cohort + "-b", cohort + "-c");
        foundation = TestModels.register(TestModels.small("f2-" + cohort, 5, 10), "f2-" + cohort);
        pair("-new", TestModels.register(TestModels.small("e2-" + cohort, cohort.hashCode() + 9, 10), "e2"));
    }

    @Test
    void created_isADraftWithItsDefaults() {
        create(TWO_WAVES)
                .statusCode(201)
                .header("Location", containsString("/api/v1/rollouts/"))
                .header("ETag", equalTo("\"1\""))
                .body("state", equalTo("DRAFT"))
                .body("wave", equalTo(-1))
                .body("formerPair", equalTo(cohort))
                .body("waves[0].success.applied.share", equalTo(0.9f))
                .body("waves[0].success.health.minimumSamples", equalTo(100))
                .body("waves[0].errors.failed.minimumDevices", equalTo(2))
                .body("waves[0].timeLimitSeconds", equalTo(86_400))
                .body("progress", hasSize(2));
    }

    @Test
    void wavesByDevicesAndLabels_areTaken() {
        String id = id(create("[{\"name\":\"by hand\",\"devices\":[\"" + cohort + "-b\"]},"
                + "{\"name\":\"north\",\"labels\":{\"selector\":\"site=north\"}},{\"name\":\"all\",\"percent\":100}]"));

        act(id, "start").statusCode(200).body("progress.devices", equalTo(List.of(1, 0, 2)));

        given().get("/api/v1/rollouts/{id}/devices", id)
                .then()
                .statusCode(200)
                .body("items.wave", equalTo(List.of(2, 0, 2)))
                .body("items.active", equalTo(List.of(false, true, false)))
                .body("items.state", everyItem(equalTo("PENDING")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "null",
                "{\"pair\":\"p\",\"waves\":[{\"name\":\"all\",\"percent\":100}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\"}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[]}",
                "{\"cohort\":\"no/id\",\"pair\":\"p\",\"waves\":[{\"name\":\"all\",\"percent\":100}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"all\"}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"all\",\"percent\":0}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"all\",\"percent\":101}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"all\",\"percent\":\"many\"}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"a\",\"percent\":9,\"devices\":[\"d\"]}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"a\",\"labels\":{\"selector\":\"x\"}}]}",
                "{\"cohort\":\"c\",\"pair\":\"p\",\"waves\":[{\"name\":\"a\",\"percent\":100,\"success\":{}}]}"
            })
    void bodyThatIsNotOne_isInvalid(String body) {
        given().contentType("application/json")
                .body(body)
                .post("/api/v1/rollouts")
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
    }

    @Test
    void unknownFieldOfACondition_isNamed() {
        create("[{\"name\":\"all\",\"percent\":100,\"errors\":{\"failed\":{\"share\":0.1,\"minimumDevice\":1}}}]")
                .statusCode(400)
                .contentType(PROBLEM)
                .body("detail", containsString("minimumDevice"))
                .body("detail", containsString("waves.[0].errors.failed"));
    }

    @Test
    void shareOutOfRange_isNamed() {
        create("[{\"name\":\"all\",\"percent\":100,\"success\":{\"applied\":{\"share\":1.5,\"minimumDevices\":1}}}]")
                .statusCode(400)
                .body("detail", containsString("share must be above 0 and at most 1, is 1.5"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"name\":\"some\",\"percent\":50}]",
                "[{\"name\":\"a\",\"percent\":50},{\"name\":\"b\",\"percent\":20},{\"name\":\"c\",\"percent\":100}]",
                "[{\"name\":\"a\",\"percent\":50},{\"name\":\"a\",\"percent\":100}]",
                "[{\"name\":\"a\",\"devices\":[\"d\"]}]"
            })
    void wavesInTheWrongOrder_areUnprocessable(String waves) {
        create(waves).statusCode(422).body("type", equalTo("urn:cema:problem:invalid-waves"));
    }

    @Test
    void unknownCohortOrPair_isNotFound() {
        create("nobody", cohort + "-new", TWO_WAVES).statusCode(404).body("detail", containsString("nobody"));
        create(cohort, "nothing", TWO_WAVES).statusCode(404).body("detail", containsString("nothing"));
    }

    @Test
    void pairWithTheSameEdgeModel_isUnprocessable() {
        create(cohort, cohort, TWO_WAVES).statusCode(422).body("type", equalTo("urn:cema:problem:same-model"));
    }

    @Test
    void pairWithOtherClasses_isUnprocessable() {
        foundation = TestModels.register(TestModels.small("f7-" + cohort, 5, 7), "f7");
        pair("-seven", TestModels.register(TestModels.small("e7-" + cohort, 6, 7), "e7"));

        create(cohort, cohort + "-seven", TWO_WAVES)
                .statusCode(422)
                .body("type", equalTo("urn:cema:problem:classes-differ"));
    }

    @Test
    void secondRolloutOfACohort_isConflictAtItsStart() {
        String first = id(create(TWO_WAVES));
        String second = id(create(TWO_WAVES));
        act(first, "start").statusCode(200);

        act(second, "start").statusCode(409).contentType(PROBLEM).body("detail", containsString(first));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "pause", "resume", "cancel"})
    void unknownRollout_isNotFound(String action) {
        act("none", action).statusCode(404).contentType(PROBLEM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "pause", "resume", "cancel"})
    void staleEntityTag_changesNothing(String action) {
        String id = id(create(TWO_WAVES));

        given().header("If-Match", "\"77\"")
                .post("/api/v1/rollouts/{id}/{action}", id, action)
                .then()
                .statusCode(412)
                .contentType(PROBLEM)
                .body("type", equalTo("urn:cema:problem:stale-version"));

        given().get("/api/v1/rollouts/{id}", id).then().body("state", equalTo("DRAFT"));
    }

    @Test
    void entityTag_risesWithEveryChange() {
        String id = id(create(TWO_WAVES));
        String tag = given().get("/api/v1/rollouts/{id}", id)
                .then()
                .statusCode(200)
                .extract()
                .header("ETag");

        for (String action : List.of("start", "pause", "resume", "cancel")) {
            String before = tag;
            tag = given().header("If-Match", before)
                    .post("/api/v1/rollouts/{id}/{action}", id, action)
                    .then()
                    .statusCode(200)
                    .extract()
                    .header("ETag");
            given().header("If-Match", before)
                    .post("/api/v1/rollouts/{id}/cancel", id)
                    .then()
                    .statusCode(412);
        }
    }

    @Test
    void actionThatTheStateDoesNotAllow_isConflict() {
        String id = id(create(TWO_WAVES));
        act(id, "pause").statusCode(409);
        act(id, "resume").statusCode(409).body("detail", containsString("DRAFT"));
        act(id, "start").statusCode(200);
        act(id, "start").statusCode(409);
        act(id, "resume").statusCode(409);
    }

    @Test
    void cancelledDraft_isCancelledAtOnce() {
        String id = id(create(TWO_WAVES));

        act(id, "cancel").statusCode(200).body("state", equalTo("CANCELLED")).body("endedAt", notNullValue());
        act(id, "start").statusCode(409);
    }

    @Test
    void list_isFilteredAndPaged() {
        String first = id(create(TWO_WAVES));
        String second = id(create(TWO_WAVES));
        act(first, "cancel").statusCode(200);

        list(Map.of("cohort", cohort)).body("items.id", equalTo(List.of(second, first)));
        list(Map.of("cohort", cohort, "state", "CANCELLED")).body("items.id", equalTo(List.of(first)));
        list(Map.of("cohort", cohort, "limit", 1)).body("items", hasSize(1)).body("next", equalTo(1));
        list(Map.of("cohort", cohort, "limit", 1, "offset", 1))
                .body("items.id", equalTo(List.of(first)))
                .body("next", nullValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=501", "limit=0", "offset=-1", "state=UNHEARD_OF"})
    void queryOutOfRange_isInvalid(String query) {
        given().get("/api/v1/rollouts?" + query).then().statusCode(400).contentType(PROBLEM);
    }

    @Test
    void devices_arePaged() {
        String id = id(create(TWO_WAVES));
        act(id, "start").statusCode(200);

        given().get("/api/v1/rollouts/{id}/devices?limit=2", id)
                .then()
                .statusCode(200)
                .body("items.device", equalTo(List.of(cohort + "-a", cohort + "-b")))
                .body("next", equalTo(2));
        given().get("/api/v1/rollouts/{id}/devices?limit=501", id).then().statusCode(400);
        given().get("/api/v1/rollouts/none/devices").then().statusCode(404);
        given().get("/api/v1/rollouts/none").then().statusCode(404);
    }

    private void pair(String suffix, String edge) {
        given().contentType("application/json")
                .body(Map.of("id", cohort + suffix, "edge", edge, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(201);
    }

    private ValidatableResponse create(String waves) {
        return create(cohort, cohort + "-new", waves);
    }

    private static ValidatableResponse create(String cohort, String pair, String waves) {
        return given().contentType("application/json")
                .body("{\"cohort\":\"" + cohort + "\",\"pair\":\"" + pair + "\",\"waves\":" + waves + "}")
                .post("/api/v1/rollouts")
                .then();
    }

    private static String id(ValidatableResponse created) {
        return created.statusCode(201).extract().path("id");
    }

    private static ValidatableResponse act(String id, String action) {
        return given().post("/api/v1/rollouts/{id}/{action}", id, action).then();
    }

    private static ValidatableResponse list(Map<String, Object> query) {
        return given().queryParams(query).get("/api/v1/rollouts").then().statusCode(200);
    }
}
