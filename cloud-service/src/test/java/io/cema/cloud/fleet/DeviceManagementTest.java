package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators say of devices, and how they find them, on the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class DeviceManagementTest {
    StackProcess stack;

    private final String cohort = "g" + UUID.randomUUID().toString().substring(0, 8);
    private final String device = cohort + "-a";

    @BeforeEach
    void devices() {
        TestModels.cohort(cohort, cohort.hashCode(), cohort + "-a", cohort + "-b", cohort + "-c");
    }

    @Test
    void patch_changesWhatItNamesAndNothingElse() {
        patch("{\"labels\": {\"site\": \"north\", \"floor\": \"2\"}, \"displayName\": \"Gate\"}")
                .statusCode(200);

        patch("{\"labels\": {\"floor\": null, \"gpu\": \"\"}, \"description\": \"by the river\"}")
                .statusCode(200)
                .body("labels", equalTo(Map.of("site", "north", "gpu", "")))
                .body("displayName", equalTo("Gate"))
                .body("description", equalTo("by the river"));
    }

    @Test
    void patch_nullTakesAway() {
        patch("{\"labels\": {\"site\": \"north\"}, \"displayName\": \"Gate\"}").statusCode(200);

        patch("{\"labels\": null, \"displayName\": null}")
                .statusCode(200)
                .body("labels", is(anEmptyMap()))
                .body("displayName", equalTo(""));
    }

    @Test
    void patch_inPlainJson_isTakenToo() {
        json("{\"displayName\": \"Gate\"}")
                .patch("/api/v1/devices/{id}", device)
                .then()
                .statusCode(200)
                .body("displayName", equalTo("Gate"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"labels\": {\"Site\": \"north\"}} | key 'Site'",
                "{\"labels\": {\"\": \"north\"}} | key ''",
                "{\"labels\": {\"site\": {\"x\": 1}}} | site",
                "{\"label\": {}} | label",
                "{\"labels\": {}, \"labels\": {}} | labels",
                "{ | body",
                "{} {} | body",
                "[] | body"
            })
    void patchThatIsNotOne_isInvalidAndNamesThePlace(String body, String named) {
        patch(body).statusCode(400).contentType("application/problem+json").body("detail", containsString(named));
    }

    @Test
    void labelsOverTheirLimits_areInvalid() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= 32; i++) {
            many.put("k" + i, "");
        }

        labels(many).statusCode(400).body("detail", containsString("at most 32"));
        labels(Map.of("site", "x".repeat(64))).statusCode(400).body("detail", containsString("'site'"));
        labels(Map.of("k".repeat(64), "")).statusCode(400);
        labels(Map.of("site", "x".repeat(63))).statusCode(200);
    }

    @Test
    void staleVersion_isRefusedAndChangesNothing() {
        String tag = given().get("/api/v1/devices/{id}", device).header("ETag");
        patch("{\"labels\": {\"site\": \"north\"}}").statusCode(200);

        json("{\"displayName\": \"late\"}")
                .header("If-Match", tag)
                .patch("/api/v1/devices/{id}", device)
                .then()
                .statusCode(412)
                .contentType("application/problem+json");
        json("{\"site\": \"south\"}")
                .header("If-Match", tag)
                .put("/api/v1/devices/{id}/labels", device)
                .then()
                .statusCode(412);
        given().header("If-Match", tag)
                .delete("/api/v1/devices/{id}", device)
                .then()
                .statusCode(412);

        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("displayName", equalTo(""))
                .body("status", equalTo("ACTIVE"))
                .body("labels.site", equalTo("north"));
    }

    @Test
    void presentVersion_isTaken() {
        String tag = given().get("/api/v1/devices/{id}", device).header("ETag");

        json("{\"displayName\": \"in time\"}")
                .header("If-Match", tag)
                .patch("/api/v1/devices/{id}", device)
                .then()
                .statusCode(200);
    }

    @Test
    void unchangedDevice_isNotSentAgain() {
        String tag = given().get("/api/v1/devices/{id}", device).header("ETag");

        given().header("If-None-Match", tag)
                .get("/api/v1/devices/{id}", device)
                .then()
                .statusCode(304)
                .body(equalTo(""));
        patch("{\"displayName\": \"new\"}").statusCode(200);
        given().header("If-None-Match", tag)
                .get("/api/v1/devices/{id}", device)
                .then()
                .statusCode(200);
    }

    @Test
    void unknownDevice_isNotFound() {
        json("{}").patch("/api/v1/devices/nobody").then().statusCode(404);
        json("{}").put("/api/v1/devices/nobody/labels").then().statusCode(404);
        given().delete("/api/v1/devices/nobody").then().statusCode(404);
        given().get("/api/v1/devices/nobody").then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "site=north             | -a -b",
                "site=north,floor!=2    | -b",
                "floor!=2               | -b -c",
                "gpu                    | -a",
                "!gpu                   | -b -c",
                "site in (north, south) | -a -b -c",
                "site notin (north)     | -c",
                "gpu=                   | -a",
                "floor=9                | ''"
            })
    void label_selectsDevices(String selector, String wanted) {
        labels("-a", Map.of("site", "north", "floor", "2", "gpu", ""));
        labels("-b", Map.of("site", "north"));
        labels("-c", Map.of("site", "south", "floor", "3"));

        List<String> found = given().queryParams("label", selector, "cohort", cohort)
                .get("/api/v1/devices")
                .then()
                .statusCode(200)
                .extract()
                .path("items.id");

        assertThat(String.join(" ", found)).isEqualTo(wanted.replace("-", cohort + "-"));
    }

    @Test
    void labels_areLookedUpInTheirIndex_underRowLevelSecurity() throws SQLException {
        try (var connection =
                        DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
                Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
            statement.execute("set enable_seqscan = off");
            statement.execute("set enable_bitmapscan = off");
            StringBuilder plan = new StringBuilder();
            try (var rows = statement.executeQuery(
                    "explain select l.device from device_label l" + " where l.key = 'site' and l.value = 'north'")) {
                while (rows.next()) {
                    plan.append(rows.getString(1)).append('\n');
                }
            }

            assertThat(plan.toString())
                    .contains("device_label_by_value")
                    .containsPattern("Index Cond: .*key = 'site'.*value = 'north'");
        }
    }

    @Test
    void prefixAndSortAndPages_goTogether() {
        given().queryParams("q", cohort + "-", "sort", "-id", "limit", 2)
                .get("/api/v1/devices")
                .then()
                .body("items.id", contains(cohort + "-c", cohort + "-b"))
                .body("next", equalTo(2));
        given().queryParams("q", cohort + "-", "sort", "-id", "limit", 2, "offset", 2)
                .get("/api/v1/devices")
                .then()
                .body("items.id", contains(cohort + "-a"));
    }

    @Test
    void presenceAndProblemAndModel_restrict() {
        given().queryParams("cohort", cohort, "presence", "UNKNOWN", "problem", false)
                .get("/api/v1/devices")
                .then()
                .body("items.size()", equalTo(3));
        given().queryParams("cohort", cohort, "presence", "ONLINE")
                .get("/api/v1/devices")
                .then()
                .body("items.size()", equalTo(0));
        given().queryParams("cohort", cohort, "model", "0f")
                .get("/api/v1/devices")
                .then()
                .body("items.size()", equalTo(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=501",
                "limit=0",
                "limit=1000000000000",
                "limit=many",
                "offset=-1",
                "sort=password",
                "sort=id%3Bdrop",
                "presence=online",
                "status=GONE",
                "model=xyz",
                "label=site%3D%3D%3Dx"
            })
    void wrongParameter_isInvalid(String query) {
        given().urlEncodingEnabled(false)
                .get("/api/v1/devices?" + query)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @Test
    void wrongSelector_isToldWithThePlace() {
        given().queryParam("label", "site=north,,old")
                .get("/api/v1/devices")
                .then()
                .statusCode(400)
                .body("detail", containsString("at character 12"));
    }

    private ValidatableResponse patch(String body) {
        return given().contentType("application/merge-patch+json")
                .body(body)
                .patch("/api/v1/devices/{id}", device)
                .then();
    }

    private ValidatableResponse labels(Map<String, String> labels) {
        return given().contentType("application/json")
                .body(labels)
                .put("/api/v1/devices/{id}/labels", device)
                .then();
    }

    private void labels(String suffix, Map<String, String> labels) {
        given().contentType("application/json")
                .body(labels)
                .put("/api/v1/devices/{id}/labels", cohort + suffix)
                .then()
                .statusCode(200);
    }

    private static RequestSpecification json(String body) {
        return given().contentType("application/json").body(body);
    }
}
