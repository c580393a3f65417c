package io.cema.cloud.ingest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.TestSamples;
import io.cema.cloud.TestSamples.Kind;
import io.cema.cloud.model.ArtefactStore;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is erased, and what expires, on the real broker, database and disk. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class SampleErasureTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    TestSamples samples;

    @Inject
    ArtefactStore artefacts;

    @Inject
    SampleExpiry expiry;

    private String cohort;
    private String device;
    private String other;
    private String model;

    @BeforeEach
    void fleet() {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        cohort = "e" + suffix;
        device = "d" + suffix;
        other = "o" + suffix;
        model = TestModels.cohort(cohort, cohort.hashCode(), device, other);
    }

    @Test
    void erase_byDevice_takesItsSamplesAlone() {
        samples.add(kind(device));
        samples.add(kind(device));
        String kept = samples.add(kind(other));

        erase("device=" + device).body("samples", equalTo(2));

        assertThat(idsOfCohort()).containsExactly(kept);
        assertThat(samples.count("select withdrawals from adaptation_loop where cohort = $1", cohort))
                .isEqualTo(1);
    }

    @Test
    void erase_again_findsNothing() {
        samples.add(kind(device));
        erase("device=" + device);

        erase("device=" + device)
                .body("samples", equalTo(0))
                .body("parts", equalTo(0))
                .body("deadLetters", equalTo(0));
    }

    @Test
    void erase_moreThanABatch_takesAll() {
        samples.execute(
                "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                        + " bytes, entropy, predicted_class, reason, held_back) select 'default', $1, 'bulk-' || i, $2,"
                        + " $3, repeat('0', 64), 'PNG', 1, 1, 1, 0, 0, 'RANDOM', false from generate_series(1, 1234) i",
                device,
                cohort,
                model);

        erase("cohort=" + cohort).body("samples", equalTo(1234));

        assertThat(idsOfCohort()).isEmpty();
    }

    @Test
    void erase_byTime_takesWhatWasReceivedInIt() {
        samples.add(kind(device).at(NOON));
        String before = samples.add(kind(device).at(NOON.minusSeconds(1)));
        String after = samples.add(kind(device).at(NOON.plusSeconds(60)));

        erase("device=" + device + "&from=" + NOON + "&until=" + NOON.plusSeconds(60))
                .body("samples", equalTo(1));

        assertThat(idsOfCohort()).containsExactlyInAnyOrder(before, after);
    }

    @Test
    void erase_byTime_takesWhatWasTakenInItAndCameLater() {
        String spooled = samples.add(kind(device).at(NOON.plus(Duration.ofDays(1))));
        samples.execute("update sample set captured_at = '2026-01-31T12:00:00Z' where sample_id = $1", spooled);

        erase("device=" + device + "&from=" + NOON + "&until=" + NOON.plusSeconds(60))
                .body("samples", equalTo(1));
    }

    @Test
    void erase_takesDeadLettersAndPartsToo() {
        try (TestDevice sender = device(device)) {
            SamplePart whole = TestDevice.sample(cohort, model, 1);
            sender.send(DeviceLeaf.SAMPLES, whole.toBuilder().setParts(2).build());
            sender.sendRaw(DeviceLeaf.SAMPLES, new byte[] {1, 2, 3, 4});
            SamplePart last = TestDevice.sample(cohort, model, 2);
            sender.send(DeviceLeaf.SAMPLES, last);
            sender.awaitAck(last.getSampleId());
        }

        erase("device=" + device)
                .body("samples", equalTo(1))
                .body("parts", equalTo(1))
                .body("deadLetters", equalTo(1));

        given().queryParam("device", device).get("/api/v1/dead-letters").then().body("items", equalTo(List.of()));
    }

    @Test
    void image_goesWithTheLastSampleThatShowsIt() {
        String artefact = stored(3);
        samples.add(kind(device), artefact);
        samples.add(kind(other), artefact);

        erase("device=" + device);
        assertThat(exists(artefact)).isTrue();
        erase("device=" + other);
        assertThat(exists(artefact)).isFalse();
    }

    @Test
    void erasedImage_maySeeTheLightAgain() {
        try (TestDevice sender = device(device)) {
            SamplePart sample = TestDevice.sample(cohort, model, 4);
            sender.send(DeviceLeaf.SAMPLES, sample);
            sender.awaitAck(sample.getSampleId());
            erase("device=" + device);
            given().get("/api/v1/samples/{device}/{id}/image", device, sample.getSampleId())
                    .then()
                    .statusCode(404);

            SamplePart again = TestDevice.sample(cohort, model, 4);
            sender.send(DeviceLeaf.SAMPLES, again);
            sender.awaitAck(again.getSampleId());
            given().get("/api/v1/samples/{device}/{id}/image", device, again.getSampleId())
                    .then()
                    .statusCode(200)
                    .header("Cache-Control", containsString("no-store"));
        }
    }

    @Test
    void imageThatIsGone_isNotFound() {
        String id = samples.add(kind(device), "a".repeat(64));

        given().get("/api/v1/samples/{device}/{id}/image", device, id)
                .then()
                .statusCode(404)
                .body("detail", containsString("is gone"));
    }

    @Test
    void lookingAtAnImage_isAudited() {
        String id = samples.add(kind(device), stored(5));
        String path = "/api/v1/samples/" + device + "/" + id + "/image";

        given().get(path).then().statusCode(200);

        given().queryParam("resource", path)
                .get("/api/v1/audit")
                .then()
                .body("items.operation", equalTo(List.of("GET")));
    }

    @Test
    void erasing_isAuditedWithItsScope() {
        samples.add(kind(device));

        erase("device=" + device + "&from=" + NOON);

        given().queryParams("operation", "ERASE", "resource", "/api/v1/samples?device=" + device)
                .get("/api/v1/audit")
                .then()
                .body("items.resource", equalTo(List.of("/api/v1/samples?device=" + device + "&from=" + NOON)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?from=2026-01-31T12:00:00Z", "?device=d&from=yesterday", "?cohort=c&until=1"})
    void erase_withoutAScope_isInvalid(String query) {
        given().delete("/api/v1/samples" + query).then().statusCode(400).contentType("application/problem+json");
    }

    @Test
    void expire_takesWhatIsOlderThanThirtyDays() {
        Instant now = Instant.now();
        samples.add(kind(device).at(now.minus(Duration.ofDays(31))));
        String young = samples.add(kind(device).at(now.minus(Duration.ofDays(29))));
        samples.execute(
                "insert into dead_letter (tenant, topic, device, reason, received_at)"
                        + " values ('default', 't', $1, 'r', now() - interval '31 days')",
                device);

        Erased erased = expiry.expire();

        assertThat(erased.samples()).isPositive();
        assertThat(idsOfCohort()).containsExactly(young);
        assertThat(samples.count("select count(*) from dead_letter where device = $1", device))
                .isZero();
    }

    private Kind kind(String of) {
        return Kind.of(of, cohort, model);
    }

    private static ValidatableResponse erase(String query) {
        return given().delete("/api/v1/samples?" + query).then().statusCode(200);
    }

    private List<String> idsOfCohort() {
        return given().queryParam("cohort", cohort).get("/api/v1/samples").path("items.sampleId");
    }

    private String stored(long seed) {
        return artefacts
                .put(ImageCodec.encode(TestDevice.image(seed + cohort.hashCode())))
                .await()
                .atMost(Duration.ofSeconds(20))
                .digest();
    }

    private boolean exists(String artefact) {
        return artefacts.find(artefact).await().atMost(Duration.ofSeconds(20)).isPresent();
    }

    private TestDevice device(String id) {
        return new TestDevice(
                stack.host(), stack.brokerPort(), id, TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }
}
