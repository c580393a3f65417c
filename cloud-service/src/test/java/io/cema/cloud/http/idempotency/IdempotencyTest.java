package io.cema.cloud.http.idempotency;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that come again, at resources that know nothing of it. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class IdempotencyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    TenantDatabase database;

    private final String device = "i" + UUID.randomUUID().toString().substring(0, 8);
    private final String key = UUID.randomUUID().toString();

    @BeforeEach
    void device() {
        TestModels.cohort(device, device.hashCode(), device);
    }

    @Test
    void sameRequestAgain_isDoneOnceAndAnsweredTheSame() {
        Response first = command(key, "ping");
        Response second = command(key, "ping");

        first.then().statusCode(201).header("Idempotency-Replayed", nullValue());
        second.then()
                .statusCode(201)
                .header("Idempotency-Replayed", "true")
                .header("Location", first.header("Location"))
                .header("ETag", first.header("ETag"))
                .header("Content-Type", containsString("application/json"))
                .body("id", equalTo(first.path("id")));
        assertThat(commands()).isEqualTo(1);
    }

    @Test
    void requestsWithoutKey_areEachDone() {
        command(null, "ping").then().statusCode(201);
        command(null, "ping").then().statusCode(201);

        assertThat(commands()).isEqualTo(2);
    }

    @Test
    void anotherBody_isUnprocessable() {
        command(key, "ping").then().statusCode(201);

        command(key, "reload")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:cema:problem:idempotency-key-reused"));
        assertThat(commands()).isEqualTo(1);
    }

    @Test
    void anotherPath_isUnprocessable() {
        command(key, "ping").then().statusCode(201);

        given().contentType("application/json")
                .header("Idempotency-Key", key)
                .body("{\"name\": \"ping\"}")
                .post("/api/v1/cohorts")
                .then()
                .statusCode(422);
    }

    @Test
    void refusedRequest_freesItsKey() {
        command(key, "No Command").then().statusCode(400);

        command(key, "ping").then().statusCode(201);
    }

    @Test
    void sameRequestAtTheSameTime_isDoneOnce() {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<CompletableFuture<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(CompletableFuture.supplyAsync(() -> command(key, "ping").statusCode(), threads));
            }
            Set<Integer> statuses = new TreeSet<>();
            all.forEach(answer -> statuses.add(answer.join()));

            assertThat(statuses).contains(201).isSubsetOf(201, 409);
            assertThat(commands()).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void requestWhoseProcessEnded_isConflict() {
        command(key, "ping").then().statusCode(201);
        sql("update idempotency_key set status = null, body = null where key = $1");

        command(key, "ping").then().statusCode(409).body("detail", containsString(key));
        assertThat(commands()).isEqualTo(1);
    }

    @Test
    void keyOfYesterday_isFree() {
        command(key, "ping").then().statusCode(201);
        sql("update idempotency_key set created_at = now() - interval '25 hours' where key = $1");

        command(key, "reload").then().statusCode(201);
    }

    @Test
    void answerWithASecret_isNotKept() {
        Response first = claim();
        first.then().statusCode(201);

        claim().then().statusCode(409).body("detail", containsString("/api/v1/claims/" + first.path("id")));
        assertThat(sql("select 1 from idempotency_key where key = $1 and body is not null"))
                .isZero();
    }

    @Test
    void keyThatIsNotOne_isInvalid() {
        command("two words", "ping").then().statusCode(400);
        command("x".repeat(101), "ping").then().statusCode(400);
        command("", "ping").then().statusCode(400);
    }

    @Test
    void upload_isRepeatedByItsLength() {
        byte[] model = TestModels.small("again-" + device, 5, 10);

        Response first = upload(model);
        Response second = upload(model);

        first.then().statusCode(201);
        second.then().statusCode(201).header("Idempotency-Replayed", "true");
    }

    @Test
    void document_hasTheHeaderAtEveryPostThatTakesIt() {
        Map<String, Map<String, Map<String, Object>>> paths = given().accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .body("paths.'/api/v1/cohorts'.post.parameters.name", hasItem("Idempotency-Key"))
                .body("paths.'/api/v1/pairs'.post.parameters.name", hasItem("Idempotency-Key"))
                .extract()
                .path("paths");

        assertThat(paths.get("/api/v1/enrolments").get("post").toString()).doesNotContain("Idempotency-Key");
    }

    private Response command(String with, String name) {
        var request = given().contentType("application/json").body(Map.of("name", name));
        if (with != null) {
            request.header("Idempotency-Key", with);
        }
        return request.post("/api/v1/devices/{id}/commands", device);
    }

    private Response claim() {
        return given().contentType("application/json")
                .header("Idempotency-Key", key)
                .body(Map.of("device", device))
                .post("/api/v1/claims");
    }

    private Response upload(byte[] model) {
        return given().contentType("application/octet-stream")
                .header("Idempotency-Key", key)
                .queryParams("name", "again-" + device, "mean", "0.5,0.5,0.5", "std", "0.25,0.25,0.25")
                .body(model)
                .post("/api/v1/models");
    }

    private int commands() {
        return given().get("/api/v1/devices/{id}/commands", device).path("items.size()");
    }

    private int sql(String statement) {
        return database.inTransaction(
                        "default",
                        connection -> connection.preparedQuery(statement).execute(Tuple.of(key)))
                .await()
                .atMost(PATIENCE)
                .rowCount();
    }
}
