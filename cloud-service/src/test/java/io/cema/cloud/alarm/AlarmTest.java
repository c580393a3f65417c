package io.cema.cloud.alarm;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.cema.cloud.BareCohort;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestSamples;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alarms on the real database, as operators see them. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AlarmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    TenantDatabase database;

    @Inject
    Alarms alarms;

    @Inject
    TestSamples rows;

    private final String cohort = "a" + UUID.randomUUID().toString().substring(0, 8);
    private final AlarmSubject subject =
            AlarmSubject.device(AlarmType.DRIFT, "cam-1", cohort).in("ENTROPY");

    @BeforeEach
    void schemaStands() {
        rows.count("select 1");
    }

    private <T> T inTransaction(Function<SqlConnection, Uni<T>> work) {
        return database.inTransaction("default", work).await().atMost(PATIENCE);
    }

    private boolean raise(AlarmSubject about) {
        return inTransaction(c -> alarms.raise(c, about, "it drifts", new JsonObject().put("distance", 0.3)));
    }

    private String open() {
        return given().queryParam("cohort", cohort)
                .get("/api/v1/alarms")
                .then()
                .statusCode(200)
                .body("items", hasSize(1))
                .extract()
                .path("items[0].id");
    }

    private long told(String what) {
        return rows.count("select count(*) from live_event where type = $1 and data->>'cohort' = $2", what, cohort);
    }

    @Test
    void alarmThatIsOpen_isNotRaisedAgain() {
        assertThat(raise(subject)).isTrue();
        assertThat(raise(subject)).isFalse();
        assertThat(raise(subject.in("CLASSES"))).isTrue();

        given().queryParam("cohort", cohort)
                .queryParam("signal", "ENTROPY")
                .get("/api/v1/alarms")
                .then()
                .body("items", hasSize(1))
                .body("items[0].state", equalTo("RAISED"))
                .body("items[0].message", equalTo("it drifts"))
                .body("items[0].evidence.distance", equalTo(0.3f));
        assertThat(told("alarm.raised")).isEqualTo(2);
    }

    @Test
    void alarmThatCleared_canBeRaisedAnew() {
        raise(subject);
        inTransaction(c -> alarms.clear(c, subject, "it is well"));
        inTransaction(c -> alarms.clear(c, subject, "it is well"));

        assertThat(told("alarm.cleared")).isEqualTo(1);
        assertThat(raise(subject)).isTrue();
        given().queryParam("cohort", cohort)
                .queryParam("state", "CLEARED")
                .get("/api/v1/alarms")
                .then()
                .body("items", hasSize(1))
                .body("items[0].clearReason", equalTo("it is well"));
    }

    @Test
    void acknowledgement_namesWhoAndWantsTheVersionThatWasSeen() {
        raise(subject);
        String id = open();
        given().header("If-Match", "\"7\"")
                .post("/api/v1/alarms/{id}/acknowledge", id)
                .then()
                .statusCode(412);

        given().header("If-Match", "\"1\"")
                .post("/api/v1/alarms/{id}/acknowledge", id)
                .then()
                .statusCode(200)
                .header("ETag", "\"2\"")
                .body("state", equalTo("ACKNOWLEDGED"))
                .body("acknowledgedBy", equalTo("anonymous"));

        given().post("/api/v1/alarms/{id}/acknowledge", id)
                .then()
                .statusCode(200)
                .header("ETag", "\"2\"");
        assertThat(told("alarm.acknowledged")).isEqualTo(1);
        given().header("If-None-Match", "\"2\"")
                .get("/api/v1/alarms/{id}", id)
                .then()
                .statusCode(304);
    }

    @Test
    void alarmClearedByHand_isClosedForGood() {
        raise(subject);
        String id = open();

        given().post("/api/v1/alarms/{id}/clear", id).then().statusCode(200).body("state", equalTo("CLEARED"));

        given().post("/api/v1/alarms/{id}/clear", id)
                .then()
                .statusCode(409)
                .body("detail", containsString("is cleared since"));
        given().post("/api/v1/alarms/{id}/acknowledge", id).then().statusCode(409);
    }

    @Test
    void alarms_comeSortedAndInPages() {
        raise(subject);
        raise(AlarmSubject.cohort(AlarmType.ROLLOUT_STOPPED, cohort));
        raise(AlarmSubject.cohort(AlarmType.UPDATE_REVOKED, cohort));

        given().queryParams("cohort", cohort, "sort", "severity,type", "limit", 2)
                .get("/api/v1/alarms")
                .then()
                .body("items.type", equalTo(List.of("ROLLOUT_STOPPED", "DRIFT")))
                .body("next", equalTo(2));
        given().queryParam("sort", "message").get("/api/v1/alarms").then().statusCode(400);
        given().queryParam("type", "NONE").get("/api/v1/alarms").then().statusCode(400);
        given().queryParam("since", "yesterday").get("/api/v1/alarms").then().statusCode(400);
    }

    @Test
    void devicesThatAreAway_areOneAlarmOfTheirCohortUntilAllAreBack() {
        BareCohort.add(rows, cohort, cohort + "-1", cohort + "-2");
        rows.execute(
                "update device set online = 'OFFLINE', seen_at = now() - interval '1 hour' where cohort = $1", cohort);

        await().atMost(PATIENCE).untilAsserted(this::open);
        given().queryParam("cohort", cohort)
                .get("/api/v1/alarms")
                .then()
                .body("items[0].type", equalTo("DEVICES_AWAY"))
                .body("items[0].message", containsString("2 of 2 devices"));

        rows.execute("update device set online = 'ONLINE', seen_at = now() where id = $1", cohort + "-1");
        await().atMost(PATIENCE).untilAsserted(() -> given().queryParam("cohort", cohort)
                .get("/api/v1/alarms")
                .then()
                .body("items[0].message", containsString("1 of 2 devices")));

        rows.execute("update device set online = 'ONLINE', seen_at = now() where cohort = $1", cohort);
        await().atMost(PATIENCE).untilAsserted(() -> given().queryParam("cohort", cohort)
                .get("/api/v1/alarms")
                .then()
                .body("items", hasSize(0)));
        assertThat(told("alarm.raised")).isEqualTo(1);
    }

    private void verdicts(String model, String verdict, int count) {
        for (int i = 0; i < count; i++) {
            rows.execute(
                    "insert into affine_version (tenant, version, cohort, model_digest, step, teacher_digest, verdict,"
                            + " fencing) values (current_setting('cema.tenant'), $1, $2, $3, 1, 't', $4, 1)",
                    UUID.randomUUID().toString(),
                    cohort,
                    model,
                    verdict);
        }
    }

    private ValidatableResponse refusals() {
        return given().queryParams("cohort", cohort, "type", "UPDATES_REFUSED")
                .get("/api/v1/alarms")
                .then()
                .statusCode(200);
    }

    @Test
    void refusedUpdatesBehindADrift_areAnAlarmUntilOneIsPublished() {
        String model = BareCohort.add(rows, cohort, cohort + "-1");
        verdicts(model, "REFUSED", 30);
        raise(subject);
        verdicts(model, "REFUSED", 20);

        await().atMost(PATIENCE).untilAsserted(() -> refusals()
                .body("items", hasSize(1))
                .body("items[0].evidence.refused", equalTo(20))
                .body("items[0].message", containsString("refused 20 updates in a row")));

        verdicts(model, "PUBLISHED", 1);
        await().atMost(PATIENCE).untilAsserted(() -> refusals().body("items", hasSize(0)));
    }
}
