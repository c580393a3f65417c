package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Presence;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of a device, over the real broker. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class DecommissioningTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    TenantDatabase database;

    @Inject
    DeviceAdmission admission;

    private final String cohort = "x" + UUID.randomUUID().toString().substring(0, 8);
    private final String device = cohort + "-d";
    private TestDevice agent;

    @BeforeEach
    void deviceAtWork() {
        TestModels.cohort(cohort, cohort.hashCode(), device);
        agent = new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.ONLINE, 3));
        agent.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance());
        awaitPresence("ONLINE");
    }

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void clientThatAcceptsProblemsAlone_isAnsweredWhereThereIsNothingElse() {
        given().accept("application/problem+json")
                .delete("/api/v1/devices/{id}", device)
                .then()
                .statusCode(204);
    }

    @Test
    void decommissionedDevice_isOutOfEverything() {
        given().contentType("application/json")
                .body(Map.of("site", "north"))
                .put("/api/v1/devices/{id}/labels", device)
                .then()
                .statusCode(200);

        decommission();

        given().get("/api/v1/devices/{id}", device)
                .then()
                .statusCode(200)
                .body("status", equalTo("DECOMMISSIONED"))
                .body("cohort", nullValue())
                .body("presence", equalTo("OFFLINE"))
                .body("labels", is(anEmptyMap()));
        given().queryParam("q", device).get("/api/v1/devices").then().body("items.size()", equalTo(0));
        given().queryParams("q", device, "status", "DECOMMISSIONED")
                .get("/api/v1/devices")
                .then()
                .body("items.size()", equalTo(1));
        given().get("/api/v1/cohorts/{id}", cohort).then().body("devices", not(hasItem(device)));
    }

    @Test
    void itsRetainedMessages_areCleared() {
        decommission();

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(retained())
                .isEmpty());
    }

    @Test
    void itsLateWill_isClearedAndDoesNotCount() {
        decommission();

        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.ONLINE, 9));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(retained())
                .isEmpty());
        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("status", equalTo("DECOMMISSIONED"))
                .body("connection", equalTo(3));
    }

    @Test
    void decommissionedDevice_takesNoChange() {
        decommission();

        given().contentType("application/json")
                .body("{}")
                .put("/api/v1/devices/{id}/labels", device)
                .then()
                .statusCode(409);
        given().put("/api/v1/cohorts/{id}/devices/{device}", cohort, device)
                .then()
                .statusCode(409)
                .body("detail", containsString("decommissioned"));
        given().contentType("application/json")
                .body(Map.of("name", "ping"))
                .post("/api/v1/devices/{id}/commands", device)
                .then()
                .statusCode(409);
        decommission(); // a second time changes nothing
    }

    @Test
    void enrolledAnew_itComesBackWithAHigherGeneration() {
        long before = given().get("/api/v1/devices/{id}", device).jsonPath().getLong("generation");
        decommission();

        long generation = database.inTransaction(
                        "default", connection -> admission.admit(connection, device, Optional.of(cohort)))
                .await()
                .atMost(PATIENCE);

        assertThat(generation).isGreaterThan(before);
        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("status", equalTo("ACTIVE"))
                .body("cohort", equalTo(cohort))
                .body("presence", equalTo("UNKNOWN"))
                .body("generation", equalTo((int) generation));
    }

    @Test
    void auditTrail_stays() {
        decommission();

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> given().queryParams(
                        "resource", "/api/v1/devices/" + device, "operation", "DELETE")
                .get("/api/v1/audit")
                .then()
                .body("items[0].outcome", equalTo("DONE")));
    }

    @Test
    void watchers_areToldOfPresenceAndTheEnd() {
        agent.sendRetained(DeviceLeaf.PRESENCE, presence(Presence.State.OFFLINE, 3));
        awaitPresence("OFFLINE");
        decommission();

        assertThat(events())
                .containsEntry("device.online", 1L)
                .containsEntry("device.offline", 1L)
                .containsEntry("device.moved", 1L)
                .containsEntry("device.decommissioned", 1L);
    }

    private void decommission() {
        given().delete("/api/v1/devices/{id}", device).then().statusCode(204);
    }

    private Map<String, Long> events() {
        return database.inTransaction("default", connection -> connection
                        .preparedQuery("select type, count(*) from live_event where subject = $1 group by type")
                        .execute(Tuple.of("devices/" + device)))
                .map(rows -> {
                    Map<String, Long> counts = new HashMap<>();
                    rows.forEach(row -> counts.put(row.getString(0), row.getLong(1)));
                    return counts;
                })
                .await()
                .atMost(PATIENCE);
    }

    /** What a newcomer is greeted with. The filter's answer is complete when the probe that follows it has come back. */
    private Map<String, Integer> retained() throws Exception {
        Map<String, Integer> found = new ConcurrentHashMap<>();
        try (MqttLink link =
                MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "look-" + UUID.randomUUID()))) {
            MqttLink.Subscription subscription = link.subscribe("cema/v1/default/d/" + device + "/+", 1, message -> {
                if (message.retained()) {
                    found.put(message.topic(), message.payload().length);
                }
                if (message.topic().endsWith("/telemetry")) {
                    found.put("probe", 0);
                }
                message.acknowledge();
            });
            link.start();
            subscription.established().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            agent.sendRaw(DeviceLeaf.TELEMETRY, new byte[] {1});
            Awaitility.await().atMost(PATIENCE).until(() -> found.containsKey("probe"));
        }
        found.remove("probe");
        return found;
    }

    private void awaitPresence(String state) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> given().get("/api/v1/devices/{id}", device)
                .then()
                .body("presence", equalTo(state)));
    }

    private static Presence presence(Presence.State state, long connection) {
        return Presence.newBuilder()
                .setState(state)
                .setGeneration(1)
                .setConnection(connection)
                .build();
    }
}
