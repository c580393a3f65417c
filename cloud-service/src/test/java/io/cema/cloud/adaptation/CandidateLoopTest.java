package io.cema.cloud.adaptation;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.model.ArtefactNotFoundException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real loop of a cohort with a canary phase, ticked by hand; people decide on its candidates. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class CandidateLoopTest {
    private static final String TENANT = "default";
    private static final AtomicInteger COHORTS = new AtomicInteger();
    private static final long SEED = 7;
    /** Learns fast and is content with little, so that a random network publishes at once. */
    private static final String POLICY = "{\"cadence\": {\"candidateSteps\": 1, \"minimumIntervalMillis\": 0},"
            + " \"gate\": {\"agreementMargin\": 1, \"frozenMargin\": 1, \"collapseMargin\": 1},"
            + " \"learning\": {\"studentLearningRate\": 0.15, \"entropyWeight\": 3,"
            + " \"calibration\": {\"images\": 0}}, \"canary\": {}}";

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

    private LoopKey key;
    private Lease lease;
    private long nanoTime = System.nanoTime();

    @BeforeEach
    void newLoop() {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        String cohort = "canary-" + COHORTS.incrementAndGet();
        key = new LoopKey(TENANT, cohort, TestModels.cohort(cohort, SEED));
        execute("update cohort set policy = $2 where id = $1", cohort, new JsonObject(POLICY));
        lease = acquired();
    }

    @Test
    void candidate_goesToTheCanariesAlone_andNoOtherFollows() {
        try (AdaptationLoop loop = loop()) {
            candidate(loop);
            long step = state().step();
            for (int i = 0; i < 3; i++) {
                uploads(32, "INFORMATIVE", false);
                tick(loop, 2);
            }

            assertThat(state().step()).isGreaterThan(step);
        }
        assertThat(state().liveVersion()).isEmpty();
        assertThat(count("select count(*) from publication where cohort = $1 and channel = 'canary'"))
                .isOne();
        assertThat(count("select count(*) from publication where cohort = $1")).isOne();
        assertThat(count("select count(*) from affine_version where cohort = $1"))
                .isOne();
    }

    @Test
    void promotion_afterARestartInTheMiddle_isFollowed() {
        String version;
        try (AdaptationLoop loop = loop()) {
            version = candidate(loop);
        }
        try (AdaptationLoop restarted = loop()) {
            tick(restarted, 1);
            given().post("/api/v1/update-rollouts/{v}/promote", version).then().statusCode(200);
            assertThat(state().liveVersion()).hasValue(version);
            for (int i = 0; i < 6 && state().candidate().isEmpty(); i++) {
                uploads(32, "INFORMATIVE", false);
                tick(restarted, 2);
            }
        }
        assertThat(count("select count(*) from affine_version where cohort = $1 and parent = '" + version + "'"))
                .as("versions that went on from the promoted one")
                .isPositive();
        assertThat(count("select count(*) from publication where cohort = $1 and channel = 'stable' and revision = 2"))
                .isOne();
    }

    @Test
    void revocation_takesTheLoopBackToThePromotedCheckpoint() {
        String second;
        String promoted;
        try (AdaptationLoop loop = loop()) {
            String first = candidate(loop);
            given().post("/api/v1/update-rollouts/{v}/promote", first).then().statusCode(200);
            promoted = state().checkpoint().orElseThrow();
            second = candidate(loop);
            String judged = state().candidate().orElseThrow().checkpoint();
            assertThat(get(artefacts.find(promoted))).isPresent();
            assertThat(get(artefacts.find(judged))).isPresent();

            given().post("/api/v1/update-rollouts/{v}/revoke", second).then().statusCode(200);

            uploads(32, "INFORMATIVE", false);
            assertThatThrownBy(() -> tick(loop, 1)).isInstanceOf(LeaseLostException.class);
            assertThatThrownBy(() -> get(artefacts.get(judged))).isInstanceOf(ArtefactNotFoundException.class);
            assertThat(state().liveVersion()).hasValue(first);
        }
        lease = acquired();
        try (AdaptationLoop reopened = loop()) {
            tick(reopened, 1);
        }
        assertThat(state().candidate()).isEmpty();
        assertThat(state().checkpoint()).hasValue(promoted);
        assertThat(count("select count(*) from publication where cohort = $1")).isEqualTo(4);
    }

    @Test
    void frozenCohort_learnsAndPublishesNothing() {
        given().put("/api/v1/cohorts/{id}/freeze", key.cohort()).then().statusCode(200);
        lease = acquired();
        uploads(32, "INFORMATIVE", false);
        uploads(12, "INFORMATIVE", true);
        try (AdaptationLoop loop = loop()) {
            tick(loop, 3);
        }
        assertThat(state().step()).isPositive();
        assertThat(count("select count(*) from affine_version where cohort = $1"))
                .isZero();
    }

    @Test
    void uploadsUnderJudgement_areLookedAtByTheTeacher() {
        try (AdaptationLoop loop = loop()) {
            candidate(loop);
            uploads(5, "RANDOM", true);
            sample("e".repeat(64), "RANDOM", true);
            tick(loop, 1);
        }
        assertThat(count("select count(*) from sample where cohort = $1 and reason = 'RANDOM' and teacher_class >= 0"))
                .isEqualTo(5);
        assertThat(count("select count(*) from sample where cohort = $1 and teacher_class = -1"))
                .as("whose image is gone")
                .isOne();
    }

    @Test
    void whatTheLoopLoads_isScoredOnTheWay() {
        try (AdaptationLoop loop = loop()) {
            candidate(loop);
        }
        assertThat(count("select count(*) from sample where cohort = $1 and held_back and teacher_class >= 0"))
                .as("judges")
                .isPositive();
        assertThat(count("select count(*) from sample where cohort = $1 and not held_back and teacher_class >= 0"))
                .as("fresh ones")
                .isPositive();
    }

    /** Learns until something is under judgement; returns its version. */
    private String candidate(AdaptationLoop loop) {
        for (int i = 0; i < 6 && state().candidate().isEmpty(); i++) {
            uploads(32, "INFORMATIVE", false);
            uploads(12, "INFORMATIVE", true);
            tick(loop, 2);
        }
        return state().candidate()
                .map(LoopState.Candidate::version)
                .orElseThrow(() -> new AssertionError("no candidate came of 6 batches"));
    }

    private void tick(AdaptationLoop loop, int times) {
        for (int i = 0; i < times; i++) {
            nanoTime += Duration.ofSeconds(6).toNanos(); // so that it reads its state anew
            loop.tick();
        }
    }

    private AdaptationLoop loop() {
        DurableLoopStore.Rooms rooms = new DurableLoopStore.Rooms(repository, models, artefacts, 1 << 24);
        return new AdaptationLoop(key, new DurableLoopStore(lease, rooms), TorchSettings.cpu(1), () -> nanoTime);
    }

    private Lease acquired() {
        return get(repository.acquire(key, "test", Duration.ofMinutes(5))).orElseThrow();
    }

    private LoopState state() {
        return get(repository.state(key)).orElseThrow();
    }

    private void uploads(int count, String reason, boolean heldBack) {
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[32 * 32 * 3];
            random.nextBytes(rgb);
            sample(get(artefacts.put(ImageCodec.encode(new Image(32, 32, rgb)))).digest(), reason, heldBack);
        }
    }

    private void sample(String artefact, String reason, boolean heldBack) {
        execute(
                "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                        + " bytes, entropy, predicted_class, reason, held_back) values ('default', 'd',"
                        + " gen_random_uuid()::text, $1, $2, $3, 'RGB8_ZSTD', 32, 32, 1, 0, 0, $4, $5)",
                key.cohort(),
                key.modelDigest(),
                artefact,
                reason,
                heldBack);
    }

    private long count(String sql) {
        return get(database.inTransaction(TENANT, c -> c.preparedQuery(sql)
                .execute(Tuple.of(key.cohort()))
                .map(rows -> rows.iterator().next().getLong(0))));
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
