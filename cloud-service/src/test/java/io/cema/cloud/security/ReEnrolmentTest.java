package io.cema.cloud.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.cema.cloud.StackResource;
import io.cema.ops.stack.StackProcess;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device whose certificate ran out in storage, against the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ReEnrolmentTest {
    StackProcess stack;

    private final String device = "r" + UUID.randomUUID().toString().substring(0, 8);
    private final String name = "default/d/" + device;
    private final TestKey key = TestKey.create();
    private String serial;

    @BeforeEach
    void enrolAndExpire() throws SQLException {
        serial = enrol(key);
        expire();
    }

    @Test
    void expiredCertificate_waitsForAnAdmin() {
        String id = ask(key).statusCode(202)
                .body("state", equalTo("PENDING"))
                .body("device", equalTo(device))
                .extract()
                .path("id");

        given().queryParam("state", "PENDING")
                .queryParam("limit", 500)
                .get("/api/v1/re-enrolments")
                .then()
                .statusCode(200)
                .body("items.id", hasItem(id));
    }

    @Test
    void askingAgain_isTheSameRequest() {
        String id = pending();

        ask(key).statusCode(202).body("id", equalTo(id));
    }

    @Test
    void approvedDevice_getsACertificateForItsKeyAndKeepsItsGeneration() {
        String id = pending();
        decide(id, true).statusCode(200).body("state", equalTo("APPROVED"));

        JsonPath given = ask(key).statusCode(200).extract().jsonPath();

        assertThat(given.getString("serial")).isNotEqualTo(serial);
        assertThat(given.getInt("generation")).isEqualTo(1);
        ask(key).statusCode(200).body("serial", equalTo(given.getString("serial")));
        given().get("/api/v1/re-enrolments/{id}", id)
                .then()
                .body("state", equalTo("ISSUED"))
                .body("serial", equalTo(given.getString("serial")));
        given().queryParam("who", "device:" + device)
                .get("/api/v1/audit")
                .then()
                .body("items.operation", contains("RE-ENROL", "ENROL"));
    }

    @Test
    void deniedDevice_isRefused() {
        decide(pending(), false).statusCode(200).body("state", equalTo("DENIED"));

        ask(key).statusCode(403);
    }

    @Test
    void decisionThatIsChangedInTime_counts() {
        String id = pending();
        decide(id, true);
        decide(id, false);

        ask(key).statusCode(403);
    }

    @Test
    void decisionOnceTheCertificateIsGiven_isConflict() {
        String id = pending();
        decide(id, true);
        ask(key).statusCode(200);

        decide(id, false).statusCode(409).body("detail", containsString(device));
    }

    @Test
    void staleDecision_isRefused() {
        String id = pending();
        String tag = given().get("/api/v1/re-enrolments/{id}", id).header("ETag");
        decide(id, false);

        given().contentType("application/json")
                .header("If-Match", tag)
                .body(Map.of("approved", true))
                .put("/api/v1/re-enrolments/{id}/decision", id)
                .then()
                .statusCode(412);
    }

    @Test
    void validCertificate_isGivenAgainWithoutAnAdmin() {
        TestKey fresh = TestKey.create();
        String device2 = device + "v";
        String valid = enrol(fresh, device2);

        ask(fresh, device2).statusCode(200).body("serial", equalTo(valid));
    }

    @Test
    void strangersKey_isRefused() {
        ask(TestKey.create()).statusCode(403);
    }

    @Test
    void revokedCertificate_isRefusedThoughAtItsEnd() throws SQLException {
        update("update device_certificate set revoked_at = now() where serial = '" + serial + "'");

        ask(key).statusCode(403);
    }

    @Test
    void keyOfAnEarlierLife_isRefused() {
        enrol(TestKey.create());

        ask(key).statusCode(403);
    }

    @Test
    void requestSignedWithAnotherKey_isNotValid() {
        given().contentType("application/json")
                .body(Map.of("device", device, "request", key.request(name, TestKey.create())))
                .post("/api/v1/re-enrolments")
                .then()
                .statusCode(422);
    }

    @Test
    void unknownReEnrolment_isNotFound() {
        decide("nowhere", true).statusCode(404);
        given().get("/api/v1/re-enrolments/nowhere").then().statusCode(404);
    }

    private String pending() {
        return ask(key).statusCode(202).extract().path("id");
    }

    private ValidatableResponse ask(TestKey with) {
        return ask(with, device);
    }

    private static ValidatableResponse ask(TestKey with, String device) {
        return given().contentType("application/json")
                .body(Map.of("device", device, "request", with.request("default/d/" + device)))
                .post("/api/v1/re-enrolments")
                .then();
    }

    private static ValidatableResponse decide(String id, boolean approved) {
        return given().contentType("application/json")
                .body(Map.of("approved", approved))
                .put("/api/v1/re-enrolments/{id}/decision", id)
                .then();
    }

    private String enrol(TestKey with) {
        return enrol(with, device);
    }

    /** Enrols with a claim of its own; the certificate's serial number. */
    private static String enrol(TestKey with, String device) {
        String claim = given().contentType("application/json")
                .body(Map.of("device", device))
                .post("/api/v1/claims")
                .path("token");
        return given().contentType("application/json")
                .body(Map.of("claim", claim, "request", with.request("default/d/" + device)))
                .post("/api/v1/enrolments")
                .then()
                .statusCode(201)
                .extract()
                .path("serial");
    }

    private void expire() throws SQLException {
        update("update device_certificate set not_before = not_before - interval '200 days', not_after = not_after -"
                + " interval '200 days' where serial = '" + serial + "'");
    }

    private void update(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
                Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }
}
