package io.cema.cloud.adaptation;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.SimulatedDevice;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.adaptation.torch.AdaptationSettings;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.SharedData;
import io.cema.cloud.adaptation.torch.SharedData.Labelled;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.TrustedKeys;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/**
 * A cohort that may send no image, from its policy to a promoted update, over a real broker and database: two cameras in
 * fog, a real pair of networks, the loop ticked by hand.
 */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class StatisticsAdaptationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int FRAMES = 64;
    private static final int REPORTS = 4;
    private static final int JUDGED = 300;
    private static final double[] MEAN = {.485, .456, .406};
    private static final double[] STD = {.229, .224, .225};
    private static final Map<String, Object> POLICY = Map.of(
            "selection",
            Map.of("upload", "STATISTICS"),
            "canary",
            Map.of("health", Map.of("conditions", List.of("CERTAINTY"), "certaintyMargin", 0.2, "minimumUploads", 5)));

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    @Inject
    LoopRepository repository;

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    ModelRegistry models;

    @Inject
    ArtefactStore artefacts;

    private long nanoTime = System.nanoTime();

    @Test
    void foggyCohort_withoutAnImage_getsAnUpdateByItsCanaryThatLiftsAccuracy() throws IOException {
        OnnxModel edge = SharedData.model("resnet20-cifar10.onnx");
        List<Labelled> foggy = SharedData.labelled("test.bin", 0, REPORTS * FRAMES + JUDGED).stream()
                .map(StatisticsAdaptationTest::inFog)
                .toList();
        List<StatisticsReport> measured = new ArrayList<>();
        for (int i = 0; i < REPORTS; i++) {
            measured.add(MeasuredFrames.of(
                    edge,
                    foggy.subList(i * FRAMES, (i + 1) * FRAMES).stream()
                            .map(labelled -> input(labelled.image()))
                            .toList()));
        }
        await().atMost(PATIENCE).until(migration::done);
        LoopKey key = cohort(edge.toBytes());
        TrustedKeys keys = TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"));
        try (SimulatedDevice one = new SimulatedDevice(stack.host(), stack.brokerPort(), key.cohort() + "-1", keys);
                SimulatedDevice two =
                        new SimulatedDevice(stack.host(), stack.brokerPort(), key.cohort() + "-2", keys)) {
            await().atMost(PATIENCE)
                    .until(() -> one.channel().equals("stable") && two.channel().equals("stable"));
            assertThat(one.slot().getSelection().getUpload()).isEqualTo(SelectionPolicy.Upload.STATISTICS_ALONE);

            one.sendStatistics(measured.get(0));
            one.sendStatistics(measured.get(1));
            two.sendStatistics(measured.get(2));
            StatisticsReport last = measured.get(3).toBuilder()
                    .setReportId("01JD0000000000000000000000")
                    .setModelDigest(key.modelDigest())
                    .setCohort(key.cohort())
                    .build();
            two.sendRaw(last);
            two.sendRaw(last);
            two.sendRaw(last.toBuilder()
                    .setReportId("01JD0000000000000000000001")
                    .setCohort("another")
                    .build());
            await().atMost(PATIENCE).until(() -> reports(key) == REPORTS);

            String version = candidate(key);
            SimulatedDevice canary = awaitCanary(one, two, version);
            SimulatedDevice other = canary == one ? two : one;
            assertThat(other.version()).isEmpty();
            assertThat(count("select count(*) from publication where cohort = $1 and channel <> 'canary'", key))
                    .isZero();
            judgeAccuracy(key, edge, foggy.subList(REPORTS * FRAMES, foggy.size()));

            for (int round = 0; round < 40 && !state(version).equals("PROMOTED"); round++) {
                StatisticsReport report = measured.get(round % REPORTS);
                canary.sendStatistics(MeasuredFrames.updated(report));
                other.sendStatistics(report);
            }
            await().atMost(PATIENCE).until(() -> state(version).equals("PROMOTED"));
            await().atMost(PATIENCE).until(() -> other.version().equals(version));
            assertThat(reports(key))
                    .as("the repeated one, and the other cohort's")
                    .isLessThanOrEqualTo(84);
            assertThat(count("select count(*) from sample where cohort = $1", key))
                    .isZero();
        }
    }

    private LoopKey cohort(byte[] onnx) throws IOException {
        String id = "s" + UUID.randomUUID().toString().substring(0, 8);
        String digest = TestModels.register(onnx, "edge-" + id);
        String foundation =
                TestModels.register(SharedData.model("resnet56-cifar10.onnx").toBytes(), "foundation-" + id);
        given().contentType("application/json")
                .body(Map.of("id", id, "edge", digest, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(201);
        given().contentType("application/json")
                .body(Map.of("id", id, "pair", id, "devices", List.of(id + "-1", id + "-2")))
                .post("/api/v1/cohorts")
                .then()
                .statusCode(201);
        given().contentType("application/json")
                .body(POLICY)
                .put("/api/v1/cohorts/{id}/policy", id)
                .then()
                .statusCode(200);
        return new LoopKey("default", id, digest);
    }

    private String candidate(LoopKey key) {
        Lease lease =
                get(repository.acquire(key, "test", Duration.ofMinutes(5))).orElseThrow();
        DurableLoopStore.Rooms rooms = new DurableLoopStore.Rooms(repository, models, artefacts, 1 << 24);
        try (AdaptationLoop loop =
                new AdaptationLoop(key, new DurableLoopStore(lease, rooms), TorchSettings.cpu(1), () -> nanoTime)) {
            for (int i = 0; i < 3; i++) {
                nanoTime += Duration.ofSeconds(6).toNanos();
                loop.tick();
            }
        }
        return get(repository.state(key))
                .orElseThrow()
                .candidate()
                .map(LoopState.Candidate::version)
                .orElseThrow(() -> new AssertionError("no candidate came of " + REPORTS + " reports"));
    }

    private SimulatedDevice awaitCanary(SimulatedDevice one, SimulatedDevice two, String version) {
        await().atMost(PATIENCE)
                .until(() -> one.version().equals(version) || two.version().equals(version));
        return one.version().equals(version) ? one : two;
    }

    /** What went down, on images that nobody measured. */
    private void judgeAccuracy(LoopKey key, OnnxModel edge, List<Labelled> images) throws IOException {
        byte[] affine = get(repository.state(key))
                .orElseThrow()
                .candidate()
                .orElseThrow()
                .affine();
        AffineParameters base = edge.affine();
        AffineParameters updated = base.plus(AffineCodec.decode(affine, edge.normLayers()));
        try (Distiller twin = Distiller.open(
                SharedData.part("resnet20-cifar10.onnx"),
                SharedData.part("resnet56-cifar10.onnx"),
                AdaptationSettings.defaults(),
                TorchSettings.cpu(1))) {
            double before = accuracy(twin, images, base);
            double after = accuracy(twin, images, updated);
            assertThat(after).as("accuracy, %.3f before", before).isGreaterThan(before + 0.1);
        }
    }

    private static double accuracy(Distiller twin, List<Labelled> images, AffineParameters affine) {
        float[][] logits = twin.logits(images.stream().map(Labelled::image).toList(), affine);
        int right = 0;
        for (int i = 0; i < logits.length; i++) {
            int best = 0;
            for (int c = 1; c < logits[i].length; c++) {
                best = logits[i][c] > logits[i][best] ? c : best;
            }
            right += best == images.get(i).label() ? 1 : 0;
        }
        return (double) right / logits.length;
    }

    /** A bright grey before everything. */
    private static Labelled inFog(Labelled clear) {
        byte[] rgb = clear.image().rgb().clone();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (0.25 * (rgb[i] & 0xff) + 0.75 * 200);
        }
        return new Labelled(new Image(32, 32, rgb), clear.label());
    }

    private static float[] input(Image image) {
        int pixels = image.width() * image.height();
        float[] input = new float[3 * pixels];
        for (int i = 0; i < input.length; i++) {
            int channel = i / pixels;
            double value = (image.rgb()[i % pixels * 3 + channel] & 0xff) / 255.0;
            input[i] = (float) ((value - MEAN[channel]) / STD[channel]);
        }
        return input;
    }

    private String state(String version) {
        return given().get("/api/v1/update-rollouts/{version}", version)
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    private long reports(LoopKey key) {
        return count("select count(*) from statistics_report where cohort = $1", key);
    }

    private long count(String sql, LoopKey key) {
        return get(database.inTransaction("default", c -> c.preparedQuery(sql)
                .execute(Tuple.of(key.cohort()))
                .map(rows -> rows.iterator().next().getLong(0))));
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
