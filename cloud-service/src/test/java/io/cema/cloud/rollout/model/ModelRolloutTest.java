package io.cema.cloud.rollout.model;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.signature.TrustedKeys;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rollouts over real MQTT sessions; the engine looks when the test says so, the teacher's opinion is written by hand. */
@QuarkusTest
@TestProfile(HandDriven.class)
@QuarkusTestResource(StackResource.class)
class ModelRolloutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Deterministic models and a wide margin: few uploads decide. */
    private static final Map<String, Object> HEALTH = Map.of("minimumSamples", 20, "margin", 0.3);

    private static final int AGREES_ALWAYS = 0;
    private static final int WRONG_SIX_OF_TEN = 6;

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    RolloutEngine engine;

    @Inject
    RolloutTransitions transitions;

    @Inject
    RolloutRepository repository;

    @Inject
    TenantDatabase database;

    private String cohort;
    private String former;
    private String model;
    private ModelFleet fleet;

    @AfterEach
    void close() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    void worseModel_isStoppedInTheCanaryWaveAndNoDeviceIsLeftOnIt() {
        fleetOf(50);
        String id = start(waves(HEALTH, 86_400));

        liveUntil(id, WRONG_SIX_OF_TEN, "ROLLED_BACK");

        JsonPath rollout = rollout(id);
        assertThat(rollout.getInt("wave")).isZero();
        assertThat(rollout.getString("reason")).contains("wave canary").contains("WORSE");
        assertThat(fleet.desiring(model)).isZero();
        assertThat(fleet.running(model)).isZero();
        assertThat(fleet.running(former)).isEqualTo(50);
        assertThat(reporting(model)).isZero();
        assertThat(reporting(former)).isEqualTo(50);
        assertThat(pairOfCohort()).isEqualTo(cohort);
        assertThat(told(id)).containsExactly("created", "started", "rolling-back", "rolled-back");
    }

    @Test
    void goodModel_passesEveryWaveAndBecomesTheCohorts() {
        fleetOf(50);
        String id = start(waves(HEALTH, 86_400));
        fleet.obey();
        assertThat(rollout(id).getInt("progress[0].active")).isEqualTo(5);

        liveUntil(id, AGREES_ALWAYS, "SUCCEEDED");

        assertThat(rollout(id).getInt("wave")).isEqualTo(2);
        assertThat(pairOfCohort()).isEqualTo(cohort + "-new");
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            assertThat(fleet.running(model)).isEqualTo(50);
            assertThat(reporting(model)).isEqualTo(50);
        });
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isZero();
        assertThat(told(id)).containsExactly("created", "started", "advanced", "advanced", "succeeded");
        assertThat(audited(id)).containsExactlyInAnyOrder("ADVANCED", "ADVANCED", "SUCCEEDED");
    }

    @Test
    void modelThatDevicesCannotTake_isRolledBackWithTheirReason() {
        fleetOf(20);
        fleet.manner(model, ModelFleet.Manner.FAILS);
        String id = start(waves(HEALTH, 86_400));

        liveUntil(id, AGREES_ALWAYS, "ROLLED_BACK");

        assertThat(rollout(id).getString("reason")).contains("2 of 2 devices failed");
        List<Map<String, Object>> failed = devices(id).getList("items.findAll { it.state == 'FAILED' }");
        assertThat(failed).hasSize(2).allSatisfy(d -> assertThat(d).containsEntry("reason", "the engine refuses it"));
        assertThat(fleet.desiring(model)).isZero();
        assertThat(reporting(former)).isEqualTo(20);
    }

    @Test
    void modelThatMakesDevicesSlow_isRolledBackWhereTheWaveLooksAtLatency() {
        fleetOf(20);
        fleet.manner(model, ModelFleet.Manner.SLOW);
        live(AGREES_ALWAYS);
        String id = start(waves(Map.of("minimumSamples", 20, "margin", 0.3, "latencyLimit", 1.5), 86_400));

        liveUntil(id, AGREES_ALWAYS, "ROLLED_BACK");

        assertThat(rollout(id).getString("reason")).contains("latency");
    }

    @Test
    void waveWithoutJudgedUploads_isRolledBackAtItsTimeLimit() {
        fleetOf(10);
        String id = start(waves(HEALTH, 1));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(rollout(id).getString("state")).isEqualTo("ROLLED_BACK");
        });

        assertThat(rollout(id).getString("reason")).contains("undecided after its time limit of 1 s");
        assertThat(fleet.running(model)).isZero();
    }

    @Test
    void pausedRollout_keepsItsDevicesAndGoesOnWhereItStood() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);
        act(id, "pause");

        for (int i = 0; i < 60; i++) {
            live(WRONG_SIX_OF_TEN);
        }

        assertThat(rollout(id).getString("state")).isEqualTo("PAUSED");
        assertThat(fleet.running(model)).isEqualTo(1);
        act(id, "resume");
        liveUntil(id, WRONG_SIX_OF_TEN, "ROLLED_BACK");
        assertThat(told(id))
                .containsExactly("created", "started", "paused", "resumed", "rolling-back", "rolled-back");
    }

    @Test
    void pause_doesNotUseUpTheTimeLimit() {
        fleetOf(4);
        String id = start(waves(HEALTH, 3_600));
        act(id, "pause");
        execute("update rollout set paused_at = now() - interval '1 day', wave_deadline = now() - interval '23 hours'"
                + " where id = $1", id);

        act(id, "resume");
        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("RUNNING");
    }

    @Test
    void cancelledRollout_takesEveryDeviceBack() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);

        assertThat(act(id, "cancel").getString("state")).isEqualTo("ROLLING_BACK");
        tick();
        assertThat(rollout(id).getString("state")).isEqualTo("ROLLING_BACK");

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(rollout(id).getString("state")).isEqualTo("CANCELLED");
        });
        assertThat(fleet.running(model)).isZero();
    }

    @Test
    void twoEngines_beginEachWaveOnce() {
        fleetOf(10);
        String id = start(waves(Map.of("minimumSamples", 10, "margin", 0.3), 86_400));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.live(model);
            score(AGREES_ALWAYS);
            Uni.join()
                    .all(engine.tick(), engine.tick(), engine.tick())
                    .andFailFast()
                    .await()
                    .atMost(PATIENCE);
            assertThat(rollout(id).getString("state")).isEqualTo("SUCCEEDED");
        });

        assertThat(told(id)).containsExactly("created", "started", "advanced", "advanced", "succeeded");
    }

    @Test
    void processThatEndsInTheMiddleOfAWaveChange_leavesTheStateBefore() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));

        assertThatThrownBy(() -> database.inTransaction("default", c -> repository
                                .lock(c, id)
                                .chain(held -> transitions.advance(c, held, "by hand"))
                                .chain(() -> Uni.createFrom()
                                        .<Void>failure(new IllegalStateException("the process ends"))))
                        .await()
                        .atMost(PATIENCE))
                .hasMessageContaining("the process ends");

        assertThat(rollout(id).getInt("wave")).isZero();
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isEqualTo(1);
        liveUntil(id, AGREES_ALWAYS, "SUCCEEDED");
    }

    @Test
    void deviceThatJoinsLater_getsItsWaveAndStaysThere() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        String late = "late-" + cohort;
        fleet.add(late, this::connect);
        given().put("/api/v1/cohorts/{id}/devices/{device}", cohort, late)
                .then()
                .statusCode(200);

        tick();
        tick();

        List<Map<String, Object>> places = devices(id).getList("items.findAll { it.device == '" + late + "' }");
        assertThat(places).hasSize(1);
        assertThat(places.get(0)).containsEntry("active", places.get(0).get("wave").equals(0));
    }

    @Test
    void deviceThatLeavesTheModelByItself_hasFailed() {
        fleetOf(10);
        String id = start(waves(HEALTH, 86_400));
        awaitRunning(1);

        fleet.tellAll(DeviceEvent.Type.ROLLED_BACK, model, "the watchdog bit");

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            tick();
            assertThat(rollout(id).getInt("progress[0].failed")).isEqualTo(1);
        });
    }

    @Test
    void pairChangedByAnother_failsTheRolloutAndFreesItsDevices() {
        fleetOf(4);
        String id = start(waves(HEALTH, 86_400));
        pair(cohort + "-third", 3);
        execute("update cohort set pair = $1 where id = $2", cohort + "-third", cohort);

        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("FAILED");
        assertThat(count("select count(*) from rollout_device where rollout = $1 and active", id))
                .isZero();
    }

    @Test
    void wavesThatCannotBeReadAnyMore_failTheRollout() {
        fleetOf(4);
        String id = start(waves(HEALTH, 86_400));
        execute("update rollout set waves = '[{\"name\": \"x\", \"unknown\": 1}]' where id = $1", id);

        tick();

        assertThat(rollout(id).getString("state")).isEqualTo("FAILED");
    }

    @Test
    void updatesOfTheFormerModel_areNotTakenForTheNewOnes() {
        fleetOf(4);
        execute(
                "insert into affine_version (tenant, version, cohort, model_digest, step, teacher_digest, verdict, fencing)"
                        + " values ('default', $1, $2, $3, 1, 't', 'PUBLISHED', 1)",
                "v-" + cohort,
                cohort,
                former);
        execute(
                "insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                        + " values ('default', $2, $3, 1, 9, 'stable', $1)",
                "v-" + cohort,
                cohort,
                former);

        start(List.of(Map.of("name", "all", "percent", 100)));

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(fleet.floors(model)).containsOnly(0L));
        assertThat(count("select count(*) from adaptation_loop where cohort = $1", cohort))
                .isEqualTo(2);
    }

    private void fleetOf(int size) {
        cohort = "w" + UUID.randomUUID().toString().substring(0, 8);
        String[] ids = IntStream.range(0, size)
                .mapToObj(i -> cohort + "-" + i)
                .toArray(String[]::new);
        former = TestModels.cohort(cohort, cohort.hashCode(), ids);
        model = pair(cohort + "-new", 7);
        fleet = new ModelFleet(cohort, List.of(ids), this::connect);
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            assertThat(fleet.running(former)).isEqualTo(size);
        });
    }

    private TestDevice connect(String device) {
        return new TestDevice(
                stack.host(), stack.brokerPort(), device, TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    private String pair(String id, int seed) {
        String edge = TestModels.register(TestModels.small(id, cohort.hashCode() + seed, 10), id);
        String foundation = TestModels.register(TestModels.small(id + "-f", cohort.hashCode() + seed + 1, 10), id);
        given().contentType("application/json")
                .body(Map.of("id", id, "edge", edge, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(201);
        return edge;
    }

    private static List<Map<String, Object>> waves(Map<String, Object> health, int seconds) {
        return List.of(wave("canary", 10, health, seconds), wave("half", 50, health, seconds), wave("all", 100, health, seconds));
    }

    private static Map<String, Object> wave(String name, double percent, Map<String, Object> health, int seconds) {
        return Map.of(
                "name", name,
                "percent", percent,
                "success", Map.of("applied", Map.of("share", 0.9, "minimumDevices", 1), "health", health),
                "errors", Map.of("failed", Map.of("share", 0.2, "minimumDevices", 2)),
                "timeLimitSeconds", seconds);
    }

    private String start(List<Map<String, Object>> waves) {
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

    private static JsonPath act(String id, String action) {
        return given().post("/api/v1/rollouts/{id}/{action}", id, action)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static JsonPath rollout(String id) {
        return given().get("/api/v1/rollouts/{id}", id).jsonPath();
    }

    private static JsonPath devices(String id) {
        return given().queryParam("limit", 100)
                .get("/api/v1/rollouts/{id}/devices", id)
                .jsonPath();
    }

    private void awaitRunning(int devices) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            fleet.obey();
            tick();
            assertThat(fleet.running(model)).isEqualTo(devices);
            assertThat(reporting(model)).isEqualTo(devices);
        });
    }

    private void liveUntil(String id, int wrongOfTen, String state) {
        Awaitility.await().atMost(PATIENCE.multipliedBy(2)).untilAsserted(() -> {
            live(wrongOfTen);
            assertThat(rollout(id).getString("state")).as(rollout(id).prettify()).isEqualTo(state);
        });
    }

    private void live(int wrongOfTen) {
        fleet.live(model);
        score(wrongOfTen);
        tick();
    }

    /** Stands in for the loop's teacher: it agrees with the former model always. */
    private void score(int wrongOfTen) {
        execute(
                "update sample set teacher_class = predicted_class + case when model_digest = $2 and frame % 10 < $3"
                        + " then 1 else 0 end where cohort = $1 and teacher_class is null",
                cohort,
                model,
                wrongOfTen);
    }

    private void tick() {
        engine.tick().await().atMost(PATIENCE);
    }

    private long reporting(String digest) {
        return count(
                "select count(*) from device where cohort = $1 and reported #>> '{slots,0,modelDigest}' = $2",
                cohort,
                digest);
    }

    private String pairOfCohort() {
        return given().get("/api/v1/cohorts/{id}", cohort).path("pair");
    }

    /** What those who watch were told, in order. */
    private List<String> told(String id) {
        return strings(
                "select substr(type, 9) from live_event where subject = $1 and type like 'rollout.%' order by id",
                "rollouts/" + id);
    }

    private List<String> audited(String id) {
        return strings(
                "select operation from audit_entry where who = 'service' and resource = $1", "/api/v1/rollouts/" + id);
    }

    private List<String> strings(String sql, Object... values) {
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

    private long count(String sql, Object... values) {
        return database.inTransaction(
                        "default",
                        c -> c.preparedQuery(sql)
                                .execute(Tuple.from(values))
                                .map(rows -> rows.iterator().next().getLong(0)))
                .await()
                .atMost(PATIENCE);
    }

    private void execute(String sql, Object... values) {
        database.inTransaction("default", c -> c.preparedQuery(sql).execute(Tuple.from(values)))
                .await()
                .atMost(PATIENCE);
    }
}
