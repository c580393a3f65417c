package io.cema.cloud.drift;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThan;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
import io.cema.cloud.BareCohort;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestSamples;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Telemetry and reports of a device over the real broker, until its alarm is open and closed again. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class DriftAlarmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int FRAMES = 200;
    private static final int QUIET = 80;
    private static final int DRIFTED = 30;

    StackProcess stack;

    @Inject
    TestSamples rows;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final Random random = new Random(5);
    private final long[] entropy = new long[3];
    private final long[] classes = new long[4];
    private String cohort;
    private String device;
    private String model;
    private TestDevice agent;
    private long sequence;
    private long applied;

    @BeforeEach
    void enrol() {
        cohort = "d" + UUID.randomUUID().toString().substring(0, 8);
        device = cohort + "-cam";
        model = BareCohort.add(rows, cohort, device);
        agent = new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    @AfterEach
    void close() {
        agent.close();
    }

    /** So many messages of frames, of which that share is unsure; the classes are as they always are. */
    private void see(int messages, double unsure) {
        for (int i = 0; i < messages; i++) {
            for (int frame = 0; frame < FRAMES; frame++) {
                entropy[random.nextDouble() < unsure ? 2 : random.nextInt(2)]++;
                classes[random.nextInt(classes.length)]++;
            }
            SlotTelemetry.Builder slot = SlotTelemetry.newBuilder()
                    .setCohort(cohort)
                    .setModelDigest(model)
                    .setUpdatesApplied(applied)
                    .setEntropy(Histogram.newBuilder().addBounds(0.1).addBounds(1));
            for (long count : entropy) {
                slot.getEntropyBuilder().addCounts(count);
            }
            for (long count : classes) {
                slot.addClasses(count);
            }
            agent.send(
                    DeviceLeaf.TELEMETRY,
                    Telemetry.newBuilder()
                            .setStartId("s")
                            .setConnection(1)
                            .setSequence(++sequence)
                            .addSlots(slot)
                            .build());
        }
    }

    private ValidatableResponse alarms(String state) {
        return given().queryParam("cohort", cohort)
                .queryParam("state", state)
                .get("/api/v1/alarms")
                .then()
                .statusCode(200);
    }

    private ValidatableResponse streams() {
        return given().queryParam("cohort", cohort).get("/api/v1/drift").then().statusCode(200);
    }

    @Test
    void rise_isAnAlarmUntilItIsAsItWas() {
        see(QUIET, 0.1);
        see(DRIFTED, 0.4);

        await().atMost(PATIENCE).untilAsserted(() -> alarms("OPEN").body("items", hasSize(1)));
        String id = alarms("OPEN")
                .body("items[0].type", equalTo("DRIFT"))
                .body("items[0].signal", equalTo("ENTROPY"))
                .body("items[0].subject", equalTo("devices/" + device))
                .body("items[0].evidence.modelDigest", equalTo(model))
                .extract()
                .path("items[0].id");
        given().post("/api/v1/alarms/{id}/acknowledge", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("ACKNOWLEDGED"));

        applied++; // the update that helps
        see(10, 0.1);

        await().atMost(PATIENCE).untilAsserted(() -> alarms("CLEARED").body("items.id", hasItem(id)));
        alarms("CLEARED").body("items[0].clearedBy", equalTo("service"));
        alarms("OPEN").body("items", hasSize(0));
    }

    @Test
    void clockThatWasAYearAhead_doesNotBlindTheWatch() {
        see(QUIET, 0.1);
        await().atMost(PATIENCE).untilAsserted(() -> streams().body("items", hasItem(hasEntry("signal", "ENTROPY"))));
        rows.execute("update drift_stream set observed_at = now() + interval '1 year' where cohort = $1", cohort);

        see(DRIFTED, 0.4);

        await().atMost(PATIENCE).untilAsserted(() -> alarms("OPEN").body("items", hasSize(1)));
    }

    @Test
    void update_beginsANewReference() {
        see(QUIET, 0.1);
        await().atMost(PATIENCE).untilAsserted(() -> streams().body("items.phase", hasItem("WATCHING")));
        applied++;
        see(5, 0.4);

        await().atMost(PATIENCE).untilAsserted(() -> streams()
                .body("items.phase", everyItem(equalTo("LEARNING")))
                .body("items.observations", everyItem(lessThan(5))));
        alarms("OPEN").body("items", hasSize(0));
    }

    @Test
    void newBaseline_endsTheAlarm() {
        see(QUIET, 0.1);
        see(DRIFTED, 0.4);
        await().atMost(PATIENCE).untilAsserted(() -> alarms("OPEN").body("items", hasSize(1)));

        given().contentType("application/json")
                .body(Map.of("cohort", cohort))
                .post("/api/v1/drift/baselines")
                .then()
                .statusCode(204);

        see(1, 0.4);
        await().atMost(PATIENCE).untilAsserted(() -> streams().body("items.observations", everyItem(lessThan(QUIET))));
        alarms("OPEN").body("items", hasSize(0));
        given().contentType("application/json")
                .body(Map.of("cohort", "nobody"))
                .post("/api/v1/drift/baselines")
                .then()
                .statusCode(404);
    }

    @Test
    void statisticsThatShift_areAnAlarm() {
        for (int i = 0; i < QUIET + DRIFTED; i++) {
            report(i < QUIET ? 0 : 0.8);
        }

        await().atMost(PATIENCE).untilAsserted(() -> alarms("OPEN").body("items.signal", hasItem("STATISTICS")));
    }

    /** Of eight channels, whose means lie so many deviations from the source's. */
    private void report(double shift) {
        ByteBuffer numbers =
                ByteBuffer.allocate(1 + 4 * 8).order(ByteOrder.LITTLE_ENDIAN).put((byte) 1);
        for (int channel = 0; channel < 8; channel++) {
            numbers.putShort(half(shift + 0.05 * random.nextGaussian())).putShort((short) 0);
        }
        agent.send(
                DeviceLeaf.STATISTICS,
                StatisticsReport.newBuilder()
                        .setReportId(UlidCreator.getMonotonicUlid().toString())
                        .setCohort(cohort)
                        .setModelDigest(model)
                        .setFrames(64)
                        .addClasses(64)
                        .addRenormalisedClasses(64)
                        .setStatistics(ByteString.copyFrom(numbers.array()))
                        .build());
    }

    /** Binary16 of a number of less than 2 in magnitude, in steps of 1/1024 down to 1/64. */
    private static short half(double value) {
        double magnitude = Math.max(0x1p-6, Math.abs(value));
        int exponent = Math.getExponent(magnitude);
        int mantissa = (int) ((magnitude / Math.scalb(1.0, exponent) - 1) * 1024);
        return (short) ((value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | mantissa);
    }
}
