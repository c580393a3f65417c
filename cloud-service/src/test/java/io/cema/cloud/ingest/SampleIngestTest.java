package io.cema.cloud.ingest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.model.Digests;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Samples over the real broker into the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class SampleIngestTest {
    StackProcess stack;

    @Inject
    TenantDatabase database;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private String cohort;
    private String device;
    private String model;
    private TestDevice sender;

    @BeforeEach
    void enrol() {
        cohort = "c" + UUID.randomUUID().toString().substring(0, 8);
        device = "d" + UUID.randomUUID().toString().substring(0, 8);
        model = TestModels.cohort(cohort, cohort.hashCode(), device);
        sender = device(device);
    }

    @AfterEach
    void close() {
        sender.close();
    }

    @Test
    void sample_isStoredAndAcknowledgedDurable() {
        SamplePart sample = TestDevice.sample(cohort, model, 1);

        sender.send(DeviceLeaf.SAMPLES, sample);

        assertThat(sender.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        given().get("/api/v1/samples/{device}/{id}", device, sample.getSampleId())
                .then()
                .statusCode(200)
                .body("cohort", org.hamcrest.Matchers.equalTo(cohort))
                .body("modelDigest", org.hamcrest.Matchers.equalTo(model));
    }

    @ParameterizedTest
    @CsvSource({
        "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01,"
                + " 00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01",
        "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00, none",
        "no context, none",
        "'', none"
    })
    void traceOfTheFrame_isKeptWithTheSample_ifItIsOne(String sent, String kept) {
        SamplePart plain = TestDevice.sample(cohort, model, 7);
        SamplePart traced = plain.toBuilder()
                .setInfo(plain.getInfo().toBuilder().setTraceParent(sent))
                .build();

        sender.send(DeviceLeaf.SAMPLES, traced);

        assertThat(sender.awaitAck(traced.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(database.inTransaction("default", connection -> connection
                                .preparedQuery("select coalesce(trace_parent, 'none') from sample where sample_id = $1")
                                .execute(Tuple.of(traced.getSampleId())))
                        .await()
                        .indefinitely()
                        .iterator()
                        .next()
                        .getString(0))
                .isEqualTo(kept);
    }

    @Test
    void image_comesBackAsPngWithTheSamePixels() throws IOException {
        SamplePart sample = TestDevice.sample(cohort, model, 2);
        sender.send(DeviceLeaf.SAMPLES, sample);
        sender.awaitAck(sample.getSampleId());

        byte[] png = given().get("/api/v1/samples/{device}/{id}/image", device, sample.getSampleId())
                .then()
                .statusCode(200)
                .contentType("image/png")
                .extract()
                .asByteArray();

        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        byte[] rgb = TestDevice.image(2).rgb();
        assertThat(image.getRGB(0, 0) & 0xffffff)
                .isEqualTo((rgb[0] & 255) << 16 | (rgb[1] & 255) << 8 | (rgb[2] & 255));
    }

    @Test
    void repeatedSample_isOneRowAndAcknowledgedAgain() {
        SamplePart sample = TestDevice.sample(cohort, model, 3);

        sender.send(DeviceLeaf.SAMPLES, sample);
        sender.awaitAck(sample.getSampleId());
        sender.send(DeviceLeaf.SAMPLES, sample);

        Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> sender.ackCount(sample.getSampleId()) == 2);
        assertThat(samplesOfCohort()).containsExactly(sample.getSampleId());
    }

    @Test
    void partsInAnyOrder_areJoined() {
        SamplePart whole = TestDevice.sample(cohort, model, 4);
        List<SamplePart> parts = split(whole, 3);

        sender.send(DeviceLeaf.SAMPLES, parts.get(2));
        sender.send(DeviceLeaf.SAMPLES, parts.get(0));
        sender.send(DeviceLeaf.SAMPLES, parts.get(0));
        sender.send(DeviceLeaf.SAMPLES, parts.get(1));

        assertThat(sender.awaitAck(whole.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(samplesOfCohort()).containsExactly(whole.getSampleId());
    }

    @Test
    void joinedImageOfAnotherDigest_isDeadLettered() {
        SamplePart whole = TestDevice.sample(cohort, model, 5).toBuilder()
                .setSha256(ByteString.copyFrom(Digests.sha256(new byte[] {1})))
                .build();

        split(whole, 2).forEach(part -> sender.send(DeviceLeaf.SAMPLES, part));

        assertThat(sender.awaitAck(whole.getSampleId()).getReason()).contains("SHA-256");
    }

    @Test
    void unknownDevice_isDeadLetteredAndTold() {
        String stranger = "stranger-" + device;
        try (TestDevice unknown = device(stranger)) {
            SamplePart sample = TestDevice.sample(cohort, model, 6);

            unknown.send(DeviceLeaf.SAMPLES, sample);

            SampleAck.Entry entry = unknown.awaitAck(sample.getSampleId());
            assertThat(entry.getOutcome()).isEqualTo(SampleAck.Outcome.DEAD_LETTERED);
            assertThat(entry.getReason()).contains("unknown device " + stranger);
        }
    }

    @Test
    void anotherModel_isDeadLetteredAndTold() {
        SamplePart sample = TestDevice.sample(cohort, Digests.hex(new byte[] {42}), 7);

        sender.send(DeviceLeaf.SAMPLES, sample);

        SampleAck.Entry entry = sender.awaitAck(sample.getSampleId());
        assertThat(entry.getOutcome()).isEqualTo(SampleAck.Outcome.DEAD_LETTERED);
        assertThat(entry.getReason()).contains("does not adapt model");
    }

    @Test
    void bytesThatAreNoImage_areDeadLettered() {
        byte[] noise = "not an image".getBytes(StandardCharsets.UTF_8);
        SamplePart sample = TestDevice.sample(cohort, model, 8).toBuilder()
                .setData(ByteString.copyFrom(noise))
                .setTotalBytes(noise.length)
                .setSha256(ByteString.copyFrom(Digests.sha256(noise)))
                .build();

        sender.send(DeviceLeaf.SAMPLES, sample);

        assertThat(sender.awaitAck(sample.getSampleId()).getReason()).contains("cannot be decoded");
    }

    @Test
    void garbage_isDeadLetteredAndTheChannelGoesOn() {
        sender.sendRaw(DeviceLeaf.SAMPLES, new byte[] {1, 2, 3, 4});
        SamplePart sample = TestDevice.sample(cohort, model, 9);

        sender.send(DeviceLeaf.SAMPLES, sample);

        assertThat(sender.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(deadLetterReasons()).anyMatch(reason -> reason.contains("not a sample"));
    }

    @Test
    void tooLarge_isDeadLetteredAndTheChannelGoesOn() {
        sender.sendRaw(DeviceLeaf.SAMPLES, new byte[2 * 1024 * 1024]);
        SamplePart sample = TestDevice.sample(cohort, model, 10);

        sender.send(DeviceLeaf.SAMPLES, sample);

        assertThat(sender.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        assertThat(deadLetterReasons()).anyMatch(reason -> reason.contains("cema.ingest.max-payload-bytes"));
    }

    private TestDevice device(String id) {
        return new TestDevice(
                stack.host(), stack.brokerPort(), id, TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    private List<String> samplesOfCohort() {
        return given().queryParam("cohort", cohort).get("/api/v1/samples").path("items.sampleId");
    }

    private List<String> deadLetterReasons() {
        return given().queryParam("device", device).get("/api/v1/dead-letters").path("items.reason");
    }

    private static List<SamplePart> split(SamplePart whole, int count) {
        int step = (whole.getData().size() + count - 1) / count;
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> whole.toBuilder()
                        .setPart(i)
                        .setParts(count)
                        .setData(whole.getData()
                                .substring(i * step, Math.min(whole.getData().size(), (i + 1) * step)))
                        .build())
                .toList();
    }
}
