package io.cema.cloud.adaptation;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole loop on a real PostgreSQL and libtorch, ticked by hand. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AdaptationLoopTest {
    private static final String TENANT = "default";
    private static final AtomicInteger COHORTS = new AtomicInteger();
    /** One network for all tests, so that each learns alike. */
    private static final long SEED = 7;
    /** Learns fast and is content with little, so that a random network publishes at once. */
    private static final String POLICY = "{\"cadence\": {\"candidateSteps\": 1, \"minimumIntervalMillis\": 0},"
            + " \"gate\": {\"agreementMargin\": 1, \"frozenMargin\": 1, \"collapseMargin\": 1},"
            + " \"learning\": {\"studentLearningRate\": 0.15, \"entropyWeight\": 3,"
            + " \"calibration\": {\"images\": 0}}}";

    /** The same with statistics measured on unfiltered uploads: then a mixture of domains is taken apart. */
    private static final String CALIBRATING = POLICY.replace("{\"images\": 0}", "{}");

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

    @Inject
    SigningKey signing;

    private LoopKey key;
    private Lease lease;

    @BeforeEach
    void newLoop() {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        String cohort = "loop-" + COHORTS.incrementAndGet();
        key = new LoopKey(TENANT, cohort, TestModels.cohort(cohort, SEED));
        policy(POLICY);
        lease = get(repository.acquire(key, "test", Duration.ofMinutes(5))).orElseThrow();
    }

    @Test
    void tick_withoutUploads_waits() {
        try (AdaptationLoop loop = loop()) {
            assertThat(loop.tick()).isPositive();
        }
        assertThat(get(repository.state(key)).orElseThrow().step()).isZero();
    }

    @Test
    void tick_withABatch_takesItOnce() {
        uploads(32, false);
        try (AdaptationLoop loop = loop()) {
            loop.tick();
            loop.tick();
        }
        assertThat(count("select count(*) from sample where cohort = $1 and trained_step = 1"))
                .isEqualTo(32);
        assertThat(get(repository.backlog(key, 10)).waiting()).isZero();
    }

    @Test
    void tick_afterLearning_publishesASignedUpdate() {
        publishOne();

        LoopState state = get(repository.state(key)).orElseThrow();
        Row message =
                row("select topic, payload from outbox where topic like '%/' || $1 || '/%' order by id desc limit 1");
        AffineUpdate update = EnvelopeOpener.openSigned(
                message.getString("topic"),
                message.getBuffer("payload").getBytes(),
                AffineUpdate.getDefaultInstance(),
                TrustedKeys.of(signing.publicKey()));
        assertThat(update.getVersion()).isEqualTo(state.liveVersion().orElseThrow());
        assertThat(update.getModelDigest()).isEqualTo(key.modelDigest());
        assertThat(update.getAffine().toByteArray())
                .isEqualTo(state.liveAffine().orElseThrow());
        assertThat(AffineCodec.decode(
                                update.getAffine().toByteArray(),
                                get(models.load(TENANT, key.modelDigest()))
                                        .manifest()
                                        .layers())
                        .channels())
                .isEqualTo(8);
    }

    @Test
    void open_withACheckpointOfAnotherVersionOfTheService_goesOnFromThePublishedAffine() {
        publishOne();
        LoopState before = get(repository.state(key)).orElseThrow();
        byte[] older = get(artefacts.get(before.checkpoint().orElseThrow()));
        older[Integer.BYTES]--;
        execute(
                "update adaptation_loop set checkpoint = $2 where cohort = $1",
                key.cohort(),
                get(artefacts.put(older)).digest());

        aLoopOpenedNowGoesOnFrom(before);
    }

    /** It is in a domain again that it knows; what is learnt is of the one that it left. */
    @Test
    void tick_whileTheDeviceHasGoneBackToAnEarlierVersion_judgesNoCandidate() {
        publishOne();
        String live = get(repository.state(key)).orElseThrow().liveVersion().orElseThrow();
        String versions = "select count(*) from affine_version where cohort = $1";
        try (AdaptationLoop loop = loop()) {
            uploads(32, false);
            uploads(12, true);
            newestPredictedUnder(live);
            loop.tick();
            long judged = count(versions);

            uploads(4, false);
            loop.tick();
            assertThat(count(versions)).isEqualTo(judged);

            newestPredictedUnder(live);
            loop.tick();
            assertThat(count(versions)).isGreaterThan(judged);
        }
    }

    @Test
    void open_afterARestart_goesOnFromThePublishedVersion() {
        publishOne();
        LoopState before = get(repository.state(key)).orElseThrow();
        aLoopOpenedNowGoesOnFrom(before);
        assertThat(count("select count(*) from sample where cohort = $1 and trained_step is null and not held_back"))
                .isZero();
    }

    @Test
    void tick_withABrokenUpload_learnsFromTheOthers() {
        uploads(31, false);
        sample("f".repeat(64), false);
        try (AdaptationLoop loop = loop()) {
            assertThat(loop.tick()).isZero();
        }
        assertThat(get(repository.state(key)).orElseThrow().step()).isEqualTo(1);
        assertThat(get(repository.backlog(key, 10)).waiting()).isZero();
    }

    @Test
    void tick_withAFloodByOneOfMany_waitsForTheOthers() {
        for (String quiet : List.of("a", "b", "c")) {
            sample(quiet, "f".repeat(64), false);
        }
        uploads(64, false);
        try (AdaptationLoop loop = loop()) {
            assertThat(loop.tick()).isPositive();
        }
        assertThat(get(repository.state(key)).orElseThrow().step()).isZero();
        assertThat(get(repository.backlog(key, 64)).waiting()).isEqualTo(67);
    }

    @Test
    void tick_afterUploadsWereErased_goesOnWithTheRest() {
        AtomicInteger seconds = new AtomicInteger();
        uploads(32, false);
        try (AdaptationLoop loop = loop(() -> seconds.get() * 1_000_000_000L)) {
            loop.tick();
            execute("delete from sample where cohort = $1", key.cohort());
            execute("update adaptation_loop set withdrawals = 1 where cohort = $1", key.cohort());
            seconds.set(3600);
            uploads(32, false);
            loop.tick();
        }
        assertThat(get(repository.state(key)).orElseThrow().step()).isEqualTo(2);
    }

    @Test
    void updates_tellMetricsLineageAndSize() {
        publishOne();
        String version = get(repository.state(key)).orElseThrow().liveVersion().orElseThrow();

        given().get("/api/v1/updates/" + version)
                .then()
                .statusCode(200)
                .body("verdict", equalTo("PUBLISHED"))
                .body("samples", equalTo(32))
                .body("metrics.images", notNullValue())
                .body("publications", hasSize(1))
                .body("publications[0].channel", equalTo("stable"));
        given().get("/api/v1/updates?cohort=" + key.cohort())
                .then()
                .statusCode(200)
                .body("items.version", org.hamcrest.Matchers.hasItem(version));
        given().get("/api/v1/loops?cohort=" + key.cohort())
                .then()
                .statusCode(200)
                .body("[0].holder", equalTo("test"))
                .body("[0].revision", equalTo(1))
                .body("[0].liveVersion", equalTo(version));
    }

    @Test
    void trace_leadsFromTheFramesToTheUpdateThatGoesDown() {
        InMemorySpanExporter spans = InMemorySpanExporter.create();
        String frame = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
        uploads(32, false);
        uploads(12, true);
        execute(
                "update sample set trace_parent = $2 where cohort = $1 and ordinal = (select min(ordinal) from sample"
                        + " where cohort = $1)",
                key.cohort(),
                frame);
        Tracing tracing = Tracing.to(spans, "cema-cloud", 1); // not closed: that clears the spans
        try (AdaptationLoop loop = loop(System::nanoTime, tracing)) {
            loop.tick();
            loop.tick();
        }

        Map<String, SpanData> byName = spans.getFinishedSpanItems().stream()
                .collect(Collectors.toMap(SpanData::getName, Function.identity(), (first, again) -> first));
        assertThat(byName).containsOnlyKeys("train", "gate", "publish", "adapt");
        assertThat(byName.get("train").getLinks())
                .extracting(link -> link.getSpanContext().getTraceId())
                .containsExactly("a".repeat(32));
        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getTraceId)
                .containsOnly(byName.get("adapt").getTraceId());
        Row message =
                row("select topic, payload from outbox where topic like '%/' || $1 || '/%' order by id desc limit 1");
        assertThat(EnvelopeOpener.openSigned(
                                message.getString("topic"),
                                message.getBuffer("payload").getBytes(),
                                AffineUpdate.getDefaultInstance(),
                                TrustedKeys.of(signing.publicKey()))
                        .getTraceParent())
                .contains(byName.get("publish").getTraceId())
                .contains(byName.get("publish").getSpanId());
    }

    @Test
    void tick_withUploadsOfTwoLooks_publishesAnExpertForEach() {
        publishMixture();

        assertThat(liveExperts()).hasSize(2);
        assertThat(liveExperts().get(0).affine())
                .isNotEqualTo(liveExperts().get(1).affine());
        assertThat(count("select count(*) from publication where cohort = $1")).isOne();
    }

    @Test
    void open_afterARestart_judgesAgainstTheLiveMixture() {
        publishMixture();
        String mixture = get(repository.state(key)).orElseThrow().liveVersion().orElseThrow();
        // Not of the judges: only they are unfiltered among what is held back.
        uploads(32, false);
        try (AdaptationLoop restarted = loop()) {
            restarted.tick();
            restarted.tick();
        }

        // On the same images the live version answers as it did when it was the candidate.
        double then = entropy("candidateEntropy", "version = '" + mixture + "'");
        assertThat(entropy("liveEntropy", "parent = '" + mixture + "'")).isCloseTo(then, within(1e-3));
        assertThat(entropy("liveEntropy", "version = '" + mixture + "'")).isNotCloseTo(then, within(1e-3));
    }

    @Test
    void layersOfAMixture_tellTheLargestMovementOfItsExperts() {
        publishMixture();
        double furthest = liveExperts().stream()
                .mapToDouble(
                        expert -> rootMeanSquare(expert.affine().layers().get(0).scale()))
                .max()
                .orElseThrow();

        float told = given().get(
                        "/api/v1/updates/{version}/layers",
                        get(repository.state(key)).orElseThrow().liveVersion().orElseThrow())
                .then()
                .statusCode(200)
                .body("", hasSize(1))
                .body("[0].name", equalTo("bn"))
                .extract()
                .path("[0].scale");

        assertThat((double) told).isCloseTo(furthest, within(1e-5 * furthest));
    }

    @Test
    void statistics_whileAMixtureIsLive_becomeACandidateOfOneAffine() {
        publishMixture();
        String mixture = get(repository.state(key)).orElseThrow().liveVersion().orElseThrow();
        policy(CALIBRATING
                .replaceFirst("}$", ", \"canary\": {}}")
                .replace("\"candidateSteps\": 1", "\"candidateSteps\": 1, \"idleSteps\": 0"));
        // Statistics are for cohorts from which no images come.
        execute("update sample set received_at = now() - interval '1 day' where cohort = $1", key.cohort());
        report();

        try (AdaptationLoop restarted = loop()) {
            restarted.tick();
        }

        LoopState state = get(repository.state(key)).orElseThrow();
        assertThat(state.liveVersion()).hasValue(mixture);
        assertThat(state.candidate())
                .as(() -> "candidate; versions so far: " + versions())
                .isPresent();
        assertThat(experts(state.candidate().orElseThrow().affine())).hasSize(1);
        assertThat(count("select count(*) from affine_version where cohort = $1 and parent = '" + mixture + "'"))
                .isOne();
    }

    @Test
    void updates_ofAnUnknownCohort_areAProblem() {
        given().get("/api/v1/updates?cohort=nobody")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("detail", org.hamcrest.Matchers.containsString("nobody"));
    }

    private void publishOne() {
        uploads(32, false);
        uploads(12, true);
        try (AdaptationLoop loop = loop()) {
            loop.tick();
            loop.tick();
        }
        assertThat(get(repository.state(key)).orElseThrow().liveVersion())
                .as(() -> "published; versions so far: " + versions())
                .isPresent();
    }

    private void aLoopOpenedNowGoesOnFrom(LoopState before) {
        uploads(32, false);
        uploads(12, true);
        try (AdaptationLoop opened = loop()) {
            opened.tick();
            uploads(32, false);
            opened.tick();
        }
        assertThat(count("select count(*) from affine_version where cohort = $1 and parent = '"
                        + before.liveVersion().orElseThrow() + "' and step > " + before.step()))
                .isPositive();
    }

    /** Half of the uploads dark and noisy, half bright and flat. */
    private void publishMixture() {
        policy(CALIBRATING);
        looks(64, "STATISTICS", false);
        looks(24, "RANDOM", true);
        try (AdaptationLoop loop = loop()) {
            loop.tick();
            loop.tick();
        }
        assertThat(liveExperts())
                .as(() -> "a mixture was published; versions so far: " + versions())
                .hasSizeGreaterThan(1);
    }

    private List<Expert> liveExperts() {
        return get(repository.state(key))
                .orElseThrow()
                .liveAffine()
                .map(this::experts)
                .orElse(List.of());
    }

    private List<Expert> experts(byte[] encoded) {
        return AdaptationCodec.decode(
                        encoded,
                        get(models.load(TENANT, key.modelDigest())).manifest().layers())
                .experts();
    }

    private static double rootMeanSquare(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value / values.length;
        }
        return Math.sqrt(sum);
    }

    /** Of the cohort's only version that this is true of. */
    private double entropy(String name, String which) {
        return row("select (metrics ->> '" + name + "')::float8 as nats from affine_version where cohort = $1 and "
                        + which)
                .getDouble("nats");
    }

    private void policy(String document) {
        execute(
                "update cohort set policy = $2 where id = $1",
                key.cohort(),
                new io.vertx.core.json.JsonObject(document));
    }

    /** What a device that sends no images measured on bright noise; its answers are of all classes. */
    private void report() {
        Random random = new Random(9);
        List<float[]> frames = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            float[] frame = new float[3 * 32 * 32];
            for (int p = 0; p < frame.length; p++) {
                frame[p] = (float) (1 + random.nextGaussian());
            }
            frames.add(frame);
        }
        StatisticsReport measured = MeasuredFrames.of(
                OnnxModel.parse(get(models.load(TENANT, key.modelDigest())).onnx()), frames);
        Integer[] all = Stream.generate(() -> 12).limit(10).toArray(Integer[]::new);
        execute("insert into device (tenant, id) values ('default', $1)", key.cohort());
        execute(
                "insert into statistics_report (tenant, device, report_id, cohort, model_digest, update_version, frames,"
                        + " prior, statistics, mean_entropy, information, classes, renormalised_entropy,"
                        + " renormalised_information, renormalised_classes) values ('default', $1,"
                        + " '01JD0000000000000000000000', $1, $2, '', 128, $3, $4, 1, 1, $5, 1, 1, $5)",
                key.cohort(),
                key.modelDigest(),
                measured.getPrior(),
                io.vertx.core.buffer.Buffer.buffer(measured.getStatistics().toByteArray()),
                all);
    }

    private String versions() {
        return row("select coalesce(jsonb_agg(reason)::text, '') as reasons from affine_version where cohort = $1")
                .getString("reasons");
    }

    private AdaptationLoop loop() {
        return loop(System::nanoTime);
    }

    private AdaptationLoop loop(java.util.function.LongSupplier nanoTime) {
        return loop(nanoTime, Tracing.off());
    }

    private AdaptationLoop loop(java.util.function.LongSupplier nanoTime, Tracing tracing) {
        DurableLoopStore.Rooms rooms = new DurableLoopStore.Rooms(repository, models, artefacts, 1 << 24);
        LoopMeters meters = new LoopMeters(new SimpleMeterRegistry(), key.cohort());
        return new AdaptationLoop(
                key,
                new DurableLoopStore(lease, rooms),
                TorchSettings.cpu(1),
                nanoTime,
                new LoopTelemetry(key, meters, tracing));
    }

    private void uploads(int count, boolean heldBack) {
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[32 * 32 * 3];
            random.nextBytes(rgb);
            sample(get(artefacts.put(ImageCodec.encode(new Image(32, 32, rgb)))).digest(), heldBack);
        }
    }

    private void looks(int count, String reason, boolean heldBack) {
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            boolean dark = random.nextBoolean();
            byte[] rgb = new byte[32 * 32 * 3];
            for (int p = 0; p < rgb.length; p++) {
                double value = dark ? 60 + 30 * random.nextGaussian() : 200 + 5 * random.nextGaussian();
                rgb[p] = (byte) (int) Math.max(0, Math.min(255, value));
            }
            String artefact = get(artefacts.put(ImageCodec.encode(new Image(32, 32, rgb))))
                    .digest();
            sample("d", artefact, reason, i % 10, heldBack);
        }
    }

    private void sample(String artefact, boolean heldBack) {
        sample("d", artefact, heldBack);
    }

    private void sample(String device, String artefact, boolean heldBack) {
        sample(device, artefact, "INFORMATIVE", 0, heldBack);
    }

    private void sample(String device, String artefact, String reason, int predicted, boolean heldBack) {
        execute(
                "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                        + " bytes, entropy, predicted_class, reason, held_back) values ('default', $5,"
                        + " gen_random_uuid()::text, $1, $2, $3, 'RGB8_ZSTD', 32, 32, 1, 0, $7, $6, $4)",
                key.cohort(),
                key.modelDigest(),
                artefact,
                heldBack,
                device,
                reason,
                predicted);
    }

    private void newestPredictedUnder(String version) {
        execute(
                "update sample set update_version = $2 where cohort = $1 and trained_step is null",
                key.cohort(),
                version);
    }

    private long count(String sql) {
        return row(sql).getLong(0);
    }

    private Row row(String sql) {
        return get(database.inTransaction(TENANT, c -> c.preparedQuery(sql)
                .execute(Tuple.of(key.cohort()))
                .map(rows -> rows.iterator().next())));
    }

    private void execute(String sql, Object... parameters) {
        get(database.inTransaction(
                TENANT,
                c -> c.preparedQuery(sql).execute(Tuple.from(parameters)).replaceWithVoid()));
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
