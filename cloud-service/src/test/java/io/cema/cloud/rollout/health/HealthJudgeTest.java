package io.cema.cloud.rollout.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is gathered from a real PostgreSQL. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class HealthJudgeTest {
    private static final String TENANT = "default";
    private static final String MODEL = "a".repeat(64);
    private static final String COHORT = "x";

    @Inject
    EvidenceQueries queries;

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    private String canary;
    private String reference;
    private Trial trial;

    @BeforeEach
    void devices() {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        String id = UUID.randomUUID().toString().substring(0, 8);
        canary = "c" + id;
        reference = "r" + id;
        execute("insert into device (tenant, id) values ('default', $1), ('default', $2)", canary, reference);
        trial = new Trial(
                id,
                COHORT,
                Instant.now().minusSeconds(60),
                List.of(canary),
                List.of(reference),
                Trial.Subject.update(MODEL, "v2"));
    }

    @Test
    void uploads_ofCanariesCountOnlyUnderTheCandidate() {
        upload(canary, "v1", 1, 1);
        upload(canary, "v2", 1, 1);
        upload(reference, "v1", 1, 2);
        upload(reference, "v1", 1, null);

        assertThat(gather().uploads())
                .extracting(HealthEvidence.Upload::ofCanary, u -> u.agrees().orElse(null))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(true, true),
                        org.assertj.core.groups.Tuple.tuple(false, false),
                        org.assertj.core.groups.Tuple.tuple(false, null));
    }

    @Test
    void telemetry_countsSinceTheCanaryRunsTheCandidate() {
        telemetry(canary, "s1", 100);
        telemetry(reference, "s1", 100);
        gather();
        telemetry(canary, "s1", 150);
        telemetry(reference, "s1", 170);
        reports(canary, "v2");
        gather();
        telemetry(canary, "s1", 160);

        HealthEvidence evidence = gather();

        assertThat(evidence.canary().entropy().orElseThrow().total()).isEqualTo(10);
        assertThat(evidence.reference().entropy().orElseThrow().total()).isEqualTo(70);
        assertThat(evidence.canary().latencyBefore().orElseThrow().total()).isEqualTo(150);
        assertThat(evidence.appliedDevices()).isOne();
    }

    @Test
    void telemetry_ofARestartedAgentCountsFromItsStart() {
        telemetry(reference, "s1", 100);
        gather();
        telemetry(reference, "s2", 30);

        assertThat(gather().reference().entropy().orElseThrow().total()).isEqualTo(30);
    }

    @Test
    void telemetry_ofADeviceWithSeveralSlots_countsOnceItTellsOfTheCohorts() {
        slots(reference, 100, "y");
        gather();
        slots(reference, 200, "y", COHORT);
        gather();
        slots(reference, 230, "y", COHORT);

        assertThat(gather().reference().entropy().orElseThrow().total()).isEqualTo(30);
        assertThat(gather().reference().latencyBefore().orElseThrow().total()).isEqualTo(200);
    }

    @Test
    void silentDevices_areMissingEvidence() {
        HealthEvidence evidence = gather();

        assertThat(evidence.uploads()).isEmpty();
        assertThat(evidence.appliedDevices()).isZero();
        assertThat(evidence.canary()).isEqualTo(HealthEvidence.Telemetry.NONE);
        assertThat(evidence.age()).isGreaterThanOrEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void events_countPerDeviceAndVersion() {
        event("ROLLED_BACK", "v2", 1);
        event("REJECTED", "v2", 2);
        event("REJECTED", "v1", 3);
        event("APPLIED", "v2", 4);

        assertThat(gather().failedDevices()).isOne();
        assertThat(gather().appliedDevices()).isOne();
    }

    @Test
    void aTrialOfAModel_countsAnyVersionOfIt() {
        trial = new Trial(
                trial.id(), COHORT, trial.since(), trial.canaries(), trial.references(), Trial.Subject.model(MODEL));
        upload(canary, "", 1, 1);
        reports(canary, "");

        assertThat(gather().uploads()).hasSize(1);
        assertThat(gather().appliedDevices()).isOne();
    }

    private HealthEvidence gather() {
        return get(database.inTransaction(
                TENANT, c -> queries.keepBaselines(c, trial).chain(() -> queries.gather(c, trial))));
    }

    private void upload(String device, String version, int predicted, Integer teacher) {
        execute(
                "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                        + " bytes, entropy, predicted_class, reason, held_back, update_version, teacher_class) values"
                        + " ('default', $1, gen_random_uuid()::text, 'x', $2, 'a', 'PNG', 1, 1, 1, 0.2, $3, 'RANDOM',"
                        + " true, $4, $5)",
                device,
                MODEL,
                predicted,
                version,
                teacher);
    }

    private void telemetry(String device, String start, long frames) {
        execute(
                "update device set telemetry = $2 where id = $1",
                device,
                new JsonObject()
                        .put("startId", start)
                        .put("entropy", histogram(frames))
                        .put("latencyMillis", histogram(frames)));
    }

    /** All slots have counted that many frames, the device has more. */
    private void slots(String device, long frames, String... cohorts) {
        JsonArray slots = new JsonArray();
        for (String cohort : cohorts) {
            slots.add(new JsonObject()
                    .put("cohort", cohort)
                    .put("cohortEntropy", histogram(frames))
                    .put("cohortLatencyMillis", histogram(frames)));
        }
        execute(
                "update device set telemetry = $2 where id = $1",
                device,
                new JsonObject()
                        .put("startId", "s1")
                        .put("entropy", histogram(10 * frames))
                        .put("latencyMillis", histogram(10 * frames))
                        .put("slots", slots));
    }

    private static JsonObject histogram(long frames) {
        return new JsonObject()
                .put("bounds", new JsonArray(List.of(0.5, 1.0)))
                .put("counts", new JsonArray(List.of(frames, 0, 0)));
    }

    private void reports(String device, String version) {
        execute(
                "update device set reported = $2 where id = $1",
                device,
                new JsonObject()
                        .put(
                                "slots",
                                new JsonArray()
                                        .add(new JsonObject()
                                                .put("modelDigest", MODEL)
                                                .put("updateVersion", version))));
    }

    private void event(String type, String version, long sequence) {
        execute(
                "insert into device_event (tenant, device, type, subject, model_digest, version, generation,"
                        + " connection, sequence) values ('default', $1, $2, 'update', $3, $4, 1, 1, $5)",
                canary,
                type,
                MODEL,
                version,
                sequence);
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
