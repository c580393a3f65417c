package io.cema.cloud.rollout.model;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.signature.TrustedKeys;
import io.restassured.path.json.JsonPath;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;

/** A cohort with devices, a pair to move it to, and the engine that looks when the test says so. */
abstract class RolloutScene {
    static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Deterministic models and a wide margin: few uploads decide. */
    static final Map<String, Object> HEALTH = Map.of("minimumSamples", 20, "margin", 0.3);

    static final int AGREES_ALWAYS = 0;
    static final int WRONG_SIX_OF_TEN = 6;

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    RolloutEngine engine;

    @Inject
    TenantDatabase database;

    String cohort;
    String former;
    String model;
    ModelFleet fleet;

    @AfterEach
    void close() {
        if (fleet != null) {
            fleet.close();
        }
    }

    void fleetOf(int size) {
        cohort = "w" + UUID.randomUUID().toString().substring(0, 8);
        String[] ids = IntStream.range(0, size).mapToObj(i -> cohort + "-" + i).toArray(String[]::new);
        former = TestModels.cohort(cohort, cohort.hashCode(), ids);
        model = pair(cohort + "-new", 7);
        fleet = new ModelFleet(cohort, List.of(ids), this::connect);
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            assertThat(fleet.running(former)).isEqualTo(size);
        });
    }

    TestDevice connect(String device) {
        return new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    String pair(String id, int seed) {
        String edge = TestModels.register(TestModels.small(id, cohort.hashCode() + seed, 10), id);
        String foundation = TestModels.register(TestModels.small(id + "-f", cohort.hashCode() + seed + 1, 10), id);
        given().contentType("application/json")
                .body(Map.of("id", id, "edge", edge, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(201);
        return edge;
    }

    static List<Map<String, Object>> waves(Map<String, Object> health, int seconds) {
        return List.of(
                wave("canary", 10, health, seconds),
                wave("half", 50, health, seconds),
                wave("all", 100, health, seconds));
    }

    static Map<String, Object> wave(String name, double percent, Map<String, Object> health, int seconds) {
        return Map.of(
                "name", name,
                "percent", percent,
                "success", Map.of("applied", Map.of("share", 0.9, "minimumDevices", 1), "health", health),
                "errors", Map.of("failed", Map.of("share", 0.2, "minimumDevices", 2)),
                "timeLimitSeconds", seconds);
    }

    String start(List<Map<String, Object>> waves) {
        String id = given().contentType("application/json")
                .body(Map.of("cohort", cohort, "pair", cohort + "-new", "waves", waves))
                .post("/api/v1/rollouts")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        act(id, "start");
        return id;
    }

    static JsonPath act(String id, String action) {
        return given().post("/api/v1/rollouts/{id}/{action}", id, action)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    static JsonPath rollout(String id) {
        return given().get("/api/v1/rollouts/{id}", id).jsonPath();
    }

    static JsonPath devices(String id) {
        return given().queryParam("limit", 100)
                .get("/api/v1/rollouts/{id}/devices", id)
                .jsonPath();
    }

    void awaitRunning(int devices) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(fleet.running(model)).isEqualTo(devices);
            assertThat(reporting(model)).isEqualTo(devices);
        });
    }

    void liveUntil(String id, int wrongOfTen, String state) {
        Awaitility.await().atMost(PATIENCE.multipliedBy(2)).untilAsserted(() -> {
            live(wrongOfTen);
            assertThat(rollout(id).getString("state"))
                    .as(rollout(id).prettify())
                    .isEqualTo(state);
        });
    }

    void liveUntil(Callable<Boolean> reached, int wrongOfTen) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            live(wrongOfTen);
            return reached.call();
        });
    }

    void live(int wrongOfTen) {
        fleet.live(model);
        score(wrongOfTen);
        tick();
    }

    /** Stands in for the loop's teacher: it agrees with the former model always. */
    void score(int wrongOfTen) {
        execute(
                "update sample set teacher_class = predicted_class + case when model_digest = $2 and frame % 10 < $3"
                        + " then 1 else 0 end where cohort = $1 and teacher_class is null",
                cohort, model, wrongOfTen);
    }

    void tick() {
        engine.tick().await().atMost(PATIENCE);
    }

    long reporting(String digest) {
        return count(
                "select count(*) from device where cohort = $1 and reported #>> '{slots,0,modelDigest}' = $2",
                cohort,
                digest);
    }

    String pairOfCohort() {
        return given().get("/api/v1/cohorts/{id}", cohort).path("pair");
    }

    /** What those who watch were told, in order. */
    List<String> told(String id) {
        return strings(
                "select substr(type, 9) from live_event where subject = $1 and type like 'rollout.%' order by id",
                "rollouts/" + id);
    }

    List<String> audited(String id) {
        return strings(
                "select operation from audit_entry where who = 'service' and resource = $1", "/api/v1/rollouts/" + id);
    }

    List<String> strings(String sql, Object... values) {
        return database.inTransaction(
                        "default",
                        c -> c.preparedQuery(sql).execute(Tuple.from(values)).map(rows -> {
                            List<String> found = new java.util.ArrayList<>();
                            rows.forEach(row -> found.add(row.getString(0)));
                            return found;
                        }))
                .await()
                .atMost(PATIENCE);
    }

    long count(String sql, Object... values) {
        return database.inTransaction("default", c -> c.preparedQuery(sql)
                        .execute(Tuple.from(values))
                        .map(rows -> rows.iterator().next().getLong(0)))
                .await()
                .atMost(PATIENCE);
    }

    void execute(String sql, Object... values) {
        database.inTransaction("default", c -> c.preparedQuery(sql).execute(Tuple.from(values)))
                .await()
                .atMost(PATIENCE);
    }
}
