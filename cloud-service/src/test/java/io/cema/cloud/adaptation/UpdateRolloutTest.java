package io.cema.cloud.adaptation;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.SimulatedDevice;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.signature.TrustedKeys;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Updates to a fleet of simulated devices over a real broker and database: only the twin's learning is left out, the test
 * holds the loop's lease and says what the teacher sees.
 */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class UpdateRolloutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int DEVICES = 20;
    private static final int CANARIES = 5;
    private static final int SEEN = 1;
    private static final Map<String, Object> POLICY = Map.of(
            "canary",
            Map.of(
                    "share",
                    (double) CANARIES / DEVICES,
                    "health",
                    Map.of(
                            "agreementMargin",
                            0.2,
                            "certaintyMargin",
                            0.2,
                            "minimumFrames",
                            100,
                            "minimumDevices",
                            CANARIES)));

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    LoopRepository repository;

    @Inject
    SchemaMigration migration;

    private final List<SimulatedDevice> devices = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(11);
    private LoopKey key;

    @BeforeEach
    void enrol() {
        await().atMost(PATIENCE).until(migration::done);
        String cohort = "u" + UUID.randomUUID().toString().substring(0, 8);
        List<String> ids =
                IntStream.range(0, DEVICES).mapToObj(i -> cohort + "-" + i).toList();
        key = new LoopKey("default", cohort, TestModels.cohort(cohort, cohort.hashCode(), ids.toArray(String[]::new)));
        given().contentType("application/json")
                .body(POLICY)
                .put("/api/v1/cohorts/{id}/policy", cohort)
                .then()
                .statusCode(200);
        TrustedKeys keys = TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"));
        ids.forEach(id -> devices.add(new SimulatedDevice(stack.host(), stack.brokerPort(), id, keys)));
        awaitAll(device -> device.channel().equals("stable"));
    }

    @AfterEach
    void close() {
        devices.forEach(SimulatedDevice::close);
    }

    @Test
    void goodUpdate_isPromotedToAll_andAWorseOneLeavesNobodyOnIt() {
        String good = publish();
        awaitCanariesOn(good);
        assertThat(devices).filteredOn(d -> !d.version().isEmpty()).hasSize(CANARIES);

        uploadUntilDecided(good, 0.9, true);

        assertThat(state(good)).isEqualTo("PROMOTED");
        awaitAll(device -> device.version().equals(good));

        String bad = publish();
        awaitCanariesOn(bad);
        assertThat(devices).filteredOn(d -> d.version().equals(good)).hasSize(DEVICES - CANARIES);

        uploadUntilDecided(bad, 0.3, true);

        assertThat(state(bad)).isEqualTo("REVOKED");
        awaitAll(device -> device.version().equals(good));
        given().get("/api/v1/update-rollouts/{version}", bad)
                .then()
                .statusCode(200)
                .body("reason", containsString("agreement of canaries"))
                .body("decidedBy", equalTo("service"))
                .body("evidence.decision", equalTo("REVOKE"));
        given().queryParam("operation", "REVOKE")
                .get("/api/v1/audit")
                .then()
                .body("items.resource", hasItem("/api/v1/update-rollouts/" + bad));
        LoopState loop = get(repository.state(key)).orElseThrow();
        assertThat(loop.liveVersion()).hasValue(good);
        assertThat(loop.checkpoint()).hasValue("c".repeat(64));
        assertThat(loop.candidate()).isEmpty();
    }

    @Test
    void updateUnderWhichFramesGrowUncertain_isRevokedToTheRegisteredModel() {
        String version = publish();
        awaitCanariesOn(version);

        uploadUntilDecided(version, 0.9, false);

        assertThat(state(version)).isEqualTo("REVOKED");
        awaitAll(device -> !device.version().equals(version));
        given().get("/api/v1/update-rollouts/{version}", version)
                .then()
                .body("reason", containsString("frames are uncertain"));
        // Only the canaries were told to go back: the others never left the registered model.
        assertThat(devices)
                .filteredOn(device -> device.channel().equals("stable"))
                .hasSize(DEVICES - CANARIES)
                .allMatch(device -> device.version().isEmpty());
    }

    @Test
    void operatorsCommands_reachEveryDevice() {
        String cohort = key.cohort();
        String first = publish();
        awaitCanariesOn(first);
        given().post("/api/v1/update-rollouts/{v}/promote", first).then().statusCode(200);
        awaitAll(device -> device.version().equals(first));
        String second = publish();
        awaitCanariesOn(second);

        // Freezing ends the judgement.
        given().put("/api/v1/cohorts/{id}/freeze", cohort)
                .then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("frozen", equalTo(true));
        awaitAll(device -> device.version().equals(first));
        assertThat(state(second)).isEqualTo("SUPERSEDED");
        assertThat(get(repository.state(key)).orElseThrow().held()).isTrue();

        given().header("If-Match", "\"7\"")
                .delete("/api/v1/cohorts/{id}/freeze", cohort)
                .then()
                .statusCode(412);
        given().header("If-Match", "\"1\"")
                .delete("/api/v1/cohorts/{id}/freeze", cohort)
                .then()
                .statusCode(200);

        wanted(second)
                .put("/api/v1/cohorts/{id}/pin", cohort)
                .then()
                .statusCode(200)
                .body("pinnedVersion", equalTo(second));
        awaitAll(device ->
                device.version().equals(second) && device.pinnedVersion().equals(second));
        wanted("base").post("/api/v1/cohorts/{id}/rollback", cohort).then().statusCode(409);
        given().delete("/api/v1/cohorts/{id}/pin", cohort).then().statusCode(200);
        awaitAll(device -> device.pinnedVersion().isEmpty());

        wanted(first).post("/api/v1/cohorts/{id}/rollback", cohort).then().statusCode(200);
        awaitAll(device -> device.version().equals(first));
        wanted("01NOSUCHUPDATE")
                .post("/api/v1/cohorts/{id}/rollback", cohort)
                .then()
                .statusCode(404);

        given().post("/api/v1/fleet/base-models").then().statusCode(200).body("cohorts", hasItem(cohort));
        String base = get(repository.state(key)).orElseThrow().liveVersion().orElseThrow();
        awaitAll(device -> device.version().equals(base));
        given().get("/api/v1/updates/{version}", base)
                .then()
                .body("reason", equalTo("the registered model"))
                .body("step", equalTo(0));
        given().get("/api/v1/cohorts/{id}/freeze", cohort).then().body("frozen", equalTo(true));
    }

    @Test
    void rolloutsAreListedByStateAndDecidedOnce() {
        String version = publish();
        awaitCanariesOn(version);
        String tag = given().get("/api/v1/update-rollouts/{v}", version)
                .then()
                .statusCode(200)
                .body("state", equalTo("CANARY"))
                .body("canaries", equalTo(CANARIES))
                .extract()
                .header("ETag");

        given().queryParams("cohort", key.cohort(), "state", "CANARY")
                .get("/api/v1/update-rollouts")
                .then()
                .body("items.version", hasItem(version))
                .body("items.state", everyItem(equalTo("CANARY")));
        given().queryParam("state", "NONSENSE")
                .get("/api/v1/update-rollouts")
                .then()
                .statusCode(400);
        given().header("If-Match", "\"99\"")
                .post("/api/v1/update-rollouts/{v}/revoke", version)
                .then()
                .statusCode(412);
        given().header("If-Match", tag)
                .post("/api/v1/update-rollouts/{v}/revoke", version)
                .then()
                .statusCode(200)
                .body("state", equalTo("REVOKED"));
        given().post("/api/v1/update-rollouts/{v}/promote", version).then().statusCode(409);
        given().post("/api/v1/update-rollouts/{v}/promote", "none").then().statusCode(404);
        // Nothing was live: the canaries are back on the registered model.
        awaitAll(device -> !device.version().equals(version));
    }

    private static io.restassured.specification.RequestSpecification wanted(String version) {
        return given().contentType("application/json").body(Map.of("version", version));
    }

    /** The loop's part; a decision may have taken its lease. */
    private String publish() {
        Lease lease = lease();
        String version = UlidCreator.getMonotonicUlid().toString();
        LoopState before = get(repository.state(key)).orElseThrow();
        String checkpoint = before.liveVersion().isEmpty() ? "c".repeat(64) : "d".repeat(64);
        get(repository.publish(
                lease,
                new NewVersion(
                        version,
                        before.liveVersion(),
                        before.step() + 1,
                        0,
                        0,
                        0,
                        "f".repeat(64),
                        Optional.of(new byte[] {1}),
                        "good enough",
                        "{}"),
                checkpoint));
        return version;
    }

    private Lease lease;

    private Lease lease() {
        if (lease == null || !get(repository.renew(lease, Duration.ofMinutes(10)))) {
            lease = get(repository.acquire(key, "test", Duration.ofMinutes(10))).orElseThrow();
        }
        return lease;
    }

    /** Rounds of uploads and telemetry of the whole fleet; who runs the version agrees with the teacher so often. */
    private void uploadUntilDecided(String version, double agreement, boolean certain) {
        devices.forEach(device -> device.sendTelemetry(1_000, true));
        for (int round = 0; round < 60 && state(version).equals("CANARY"); round++) {
            for (SimulatedDevice device : devices) {
                boolean runsIt = device.version().equals(version);
                boolean agrees = random.nextDouble() < (runsIt ? agreement : 0.9);
                device.sendSample(agrees ? SEEN : SEEN + 1, 0.2f);
                device.sendTelemetry(100, certain || !runsIt);
            }
            score();
        }
        await().atMost(PATIENCE).until(() -> {
            score();
            return !state(version).equals("CANARY");
        });
    }

    private void score() {
        if (get(repository.state(key)).orElseThrow().candidate().isEmpty()) {
            return;
        }
        List<LoopStore.Score> scores = get(repository.unscored(key, 1_000, true)).stream()
                .map(sample -> new LoopStore.Score(sample.ordinal(), SEEN))
                .toList();
        try {
            get(repository.recordScores(lease(), scores));
        } catch (LeaseLostException e) {
            assertThat(e).hasMessageContaining(key.cohort()); // decided in between
        }
    }

    private String state(String version) {
        return given().get("/api/v1/update-rollouts/{version}", version)
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    private void awaitCanariesOn(String version) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(devices)
                .filteredOn(d -> d.version().equals(version))
                .hasSize(CANARIES)
                .allMatch(d -> d.channel().equals("canary")));
    }

    private void awaitAll(Predicate<SimulatedDevice> state) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(devices)
                .filteredOn(state.negate())
                .extracting(SimulatedDevice::id)
                .isEmpty());
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
