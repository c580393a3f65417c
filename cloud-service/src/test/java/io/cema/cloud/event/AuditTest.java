package io.cema.cloud.event;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The audit log over REST and on the real database, with the service's own role. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AuditTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    AuditLog log;

    private final String device = "a" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeEach
    void schemaStands() {
        await().atMost(PATIENCE).until(migration::done);
    }

    @Test
    void creation_isEnteredWithWhatItMade() {
        String id = given().contentType("application/json")
                .body(Map.of("device", device))
                .post("/api/v1/claims")
                .then()
                .statusCode(201)
                .extract()
                .path("id");

        await().atMost(PATIENCE).untilAsserted(() -> given().queryParam("resource", "/api/v1/claims")
                .get("/api/v1/audit")
                .then()
                .statusCode(200)
                .body("items[0].who", equalTo("anonymous"))
                .body("items[0].address", equalTo("127.0.0.1"))
                .body("items[0].operation", equalTo("POST"))
                .body("items[0].outcome", equalTo("DONE"))
                .body("items[0].status", equalTo(201))
                .body("items[0].created", equalTo("/api/v1/claims/" + id)));
    }

    @Test
    void refusedChange_isEnteredAsRefused() {
        given().delete("/api/v1/devices/{id}/certificate", device).then().statusCode(404);

        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonPath entry = entries("resource", "/api/v1/devices/" + device);
            assertThat(entry.getString("items[0].outcome")).isEqualTo("REFUSED");
            assertThat(entry.getInt("items[0].status")).isEqualTo(404);
        });
    }

    @Test
    void lookingAtAnImage_isEntered() {
        given().get("/api/v1/samples/{device}/{id}/image", device, "none")
                .then()
                .statusCode(404);

        assertThat(entries("resource", "/api/v1/samples/" + device).getList("items"))
                .hasSize(1);
    }

    @Test
    void reading_isNotEntered() {
        given().get("/api/v1/devices/{id}", device).then().statusCode(404);

        assertThat(entries("resource", "/api/v1/devices/" + device).getList("items"))
                .isEmpty();
    }

    @Test
    void requestWhoseProcessEndedBeforeTheAnswer_isOfUnknownOutcome() {
        Actor actor = new Actor(device, "192.0.2.7");
        log.begin("default", actor, "PUT", "/api/v1/cohorts/x/policy").await().atMost(PATIENCE);

        given().queryParam("who", device)
                .get("/api/v1/audit")
                .then()
                .body("items[0].outcome", equalTo("UNKNOWN"))
                .body("items[0].status", nullValue())
                .body("items[0].address", equalTo("192.0.2.7"));
    }

    @Test
    void failedTransaction_leavesNoEntryOfItsOwn() {
        Actor actor = new Actor(device, "192.0.2.7");

        assertThatThrownBy(() -> run("default", c -> log.record(c, actor, "ENROL", "/x", 201)
                        .chain(() -> c.query("select 1 / 0").execute())))
                .hasMessageContaining("division by zero");

        assertThat(entries("who", device).getList("items")).isEmpty();
    }

    @Test
    void pages_goOnWhereTheLastEnded() {
        enter("default", 3);

        JsonPath first = given().queryParams("who", device, "limit", 2)
                .get("/api/v1/audit")
                .jsonPath();
        JsonPath second = given().queryParams("who", device, "limit", 2, "before", first.getLong("next"))
                .get("/api/v1/audit")
                .jsonPath();

        assertThat(first.getList("items.resource")).containsExactly("/api/v1/x/2", "/api/v1/x/1");
        assertThat(second.getList("items.resource")).containsExactly("/api/v1/x/0");
        assertThat((Object) second.get("next")).isNull();
    }

    @Test
    void filtersByOperationAndTime_leaveOutTheRest() {
        enter("default", 1);
        String future = Instant.now().plusSeconds(3600).toString();

        assertThat(found(Map.of("operation", "PATCH"))).isEqualTo(1);
        assertThat(found(Map.of("operation", "PUT"))).isZero();
        assertThat(found(Map.of("since", future))).isZero();
        assertThat(found(Map.of("until", future))).isEqualTo(1);
    }

    @Test
    void timeThatIsNone_isInvalid() {
        given().queryParam("since", "yesterday")
                .get("/api/v1/audit")
                .then()
                .statusCode(400)
                .body("detail", containsString("yesterday"));
    }

    @Test
    void anotherTenantsEntries_areNotSeen() {
        enter("other", 1);

        assertThat(entries("who", device).getList("items")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update audit_entry set who = 'nobody'",
                "delete from audit_entry",
                "truncate audit_entry cascade",
                "update audit_outcome set status = 200",
                "delete from audit_outcome",
                "truncate audit_outcome"
            })
    void changeOfTheLog_isRefusedByTheDatabase(String statement) {
        enter("default", 1);

        assertThatThrownBy(() -> run("default", c -> c.query(statement).execute()))
                .hasMessageContaining("append-only");
    }

    private void enter(String tenant, int count) {
        for (int i = 0; i < count; i++) {
            String resource = "/api/v1/x/" + i;
            run(tenant, c -> log.record(c, new Actor(device, "192.0.2.7"), "PATCH", resource, 200));
        }
    }

    private int found(Map<String, String> filter) {
        return given().queryParam("who", device)
                .queryParams(filter)
                .get("/api/v1/audit")
                .jsonPath()
                .getList("items")
                .size();
    }

    private static JsonPath entries(String filter, String value) {
        return given().queryParam(filter, value).get("/api/v1/audit").jsonPath();
    }

    private <T> T run(String tenant, Function<SqlConnection, Uni<T>> work) {
        return database.inTransaction(tenant, work).await().atMost(PATIENCE);
    }
}
