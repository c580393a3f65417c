package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.BareCohort;
import io.cema.cloud.StackResource;
import io.cema.cloud.TestSamples;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class LoopRepositoryTest {
    private static final String TENANT = "default";
    private static final Duration LONG = Duration.ofMinutes(5);

    @Inject
    LoopRepository repository;

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    TestSamples samples;

    private LoopKey key;

    @BeforeEach
    void newLoop() {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        String cohort = "loop-" + UUID.randomUUID().toString().substring(0, 8);
        key = new LoopKey(TENANT, cohort, BareCohort.add(samples, cohort));
    }

    @Test
    void acquire_heldByAnother_isRefused() {
        acquire("first", LONG);

        assertThat(get(repository.acquire(key, "second", LONG))).isEmpty();
    }

    @Test
    void acquire_afterExpiry_raisesTheToken() throws InterruptedException {
        Lease first = acquire("first", Duration.ofMillis(50));
        Thread.sleep(100);

        Lease second = acquire("second", LONG);

        assertThat(second.fencing()).isGreaterThan(first.fencing());
    }

    @Test
    void renew_afterTakeOver_isRefused() throws InterruptedException {
        Lease first = takenOver();

        assertThat(get(repository.renew(first, LONG))).isFalse();
    }

    @Test
    void release_letsTheNextOneInAtOnce() {
        get(repository.release(acquire("first", LONG)));

        assertThat(get(repository.acquire(key, "second", LONG))).isPresent();
    }

    @Test
    void recordStep_afterTakeOver_marksNothing() throws InterruptedException {
        long ordinal = sample("s1", false);
        Lease first = takenOver();

        assertThatThrownBy(() -> get(repository.recordStep(first, 1, ordinal)))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining(key.cohort());
        assertThat(count("select count(*) from sample where cohort = $1 and trained_step is not null"))
                .isZero();
    }

    @Test
    void recordStep_takesUntrainedSamplesOnce() {
        Lease lease = acquire("first", LONG);
        long last = sample("s1", false);
        get(repository.recordStep(lease, 1, last));
        long next = sample("s2", false);

        get(repository.recordStep(lease, 2, next));

        assertThat(count("select count(*) from sample where cohort = $1 and trained_step = 1"))
                .isOne();
        assertThat(count("select count(*) from sample where cohort = $1 and trained_step = 2"))
                .isOne();
        assertThat(get(repository.backlog(key, 10)).waiting()).isZero();
    }

    @Test
    void recordStep_leavesHeldBackSamplesAlone() {
        Lease lease = acquire("first", LONG);
        long last = sample("s1", true);

        get(repository.recordStep(lease, 1, last));

        assertThat(get(repository.heldBack(key, 0, 10))).hasSize(1);
        assertThat(get(repository.trained(key, 10))).isEmpty();
    }

    @Test
    void backlog_givesTheNewestInOrder() {
        sample("s1", false);
        long second = sample("s2", false);
        long third = sample("s3", false);

        Backlog backlog = get(repository.backlog(key, 2));

        assertThat(backlog.waiting()).isEqualTo(3);
        assertThat(backlog.newest()).extracting(StoredSample::ordinal).containsExactly(second, third);
    }

    @Test
    void backlog_ofAFlood_holdsTheOthersToo() {
        long quiet = sample("quiet", "q1", false);
        for (int i = 0; i < 50; i++) {
            sample("flooder", "f" + i, false);
        }

        Backlog backlog = get(repository.backlog(key, 4));

        assertThat(backlog.waiting()).isEqualTo(51);
        assertThat(backlog.newest()).extracting(StoredSample::device).containsOnlyOnce("quiet");
        assertThat(backlog.newest())
                .hasSize(5)
                .extracting(StoredSample::ordinal)
                .contains(quiet);
    }

    @Test
    void heldBack_ofAFlood_holdsTheOthersToo() {
        sample("quiet", "q1", true);
        for (int i = 0; i < 50; i++) {
            sample("flooder", "f" + i, true);
        }

        assertThat(get(repository.heldBack(key, 0, 4)))
                .hasSize(5)
                .extracting(StoredSample::device)
                .contains("quiet");
    }

    @Test
    void samplesOfADeviceSetApart_areNotGivenAndStayUntaken() {
        Lease lease = acquire("first", LONG);
        sample("odd", "o1", false);
        sample("odd", "o2", true);
        long last = sample("good", "g1", false);
        execute(
                "insert into quarantine (tenant, device, cohort, state, evidence)"
                        + " values ('default', 'odd', $1, 'QUARANTINED', '{}')",
                key.cohort());

        assertThat(get(repository.backlog(key, 10)).newest())
                .extracting(StoredSample::device)
                .containsExactly("good");
        assertThat(get(repository.heldBack(key, 0, 10))).isEmpty();
        get(repository.recordStep(lease, 1, last));
        execute("update quarantine set state = 'RELEASED' where cohort = $1", key.cohort());

        assertThat(get(repository.trained(key, 10)))
                .extracting(StoredSample::device)
                .containsExactly("good");
        assertThat(get(repository.backlog(key, 10)).newest())
                .extracting(StoredSample::device)
                .containsExactly("odd");
    }

    @Test
    void publish_writesVersionPublicationAndMessageTogether() {
        Lease lease = acquire("first", LONG);

        LoopRepository.Published first = get(repository.publish(lease, version("01A" + key.cohort()), "c".repeat(64)));
        LoopRepository.Published second = get(repository.publish(lease, version("01B" + key.cohort()), "d".repeat(64)));

        assertThat(second.epoch()).isEqualTo(first.epoch());
        assertThat(second.revision()).isEqualTo(first.revision() + 1);
        assertThat(count("select count(*) from publication where cohort = $1")).isEqualTo(2);
        assertThat(count("select count(*) from outbox where topic like '%/' || $1 || '/%'"))
                .isEqualTo(2);
        assertThat(get(repository.state(key)).orElseThrow().liveVersion()).hasValue("01B" + key.cohort());
    }

    @Test
    void announce_sendsTheNewestUpdateOnceMore_byteForByte() {
        Lease lease = acquire("first", LONG);
        get(repository.publish(lease, version("01E" + key.cohort()), "c".repeat(64)));
        get(repository.publish(lease, version("01F" + key.cohort()), "d".repeat(64)));

        get(repository.announce(lease));

        assertThat(count("select count(*) from publication where cohort = $1")).isEqualTo(2);
        assertThat(count("select max(n) from (select count(*) as n from outbox where topic like '%/' || $1 || '/%'"
                        + " group by payload) as same"))
                .isEqualTo(2);
    }

    @Test
    void publish_afterTakeOver_writesNothing() throws InterruptedException {
        Lease first = takenOver();

        assertThatThrownBy(() -> get(repository.publish(first, version("01C" + key.cohort()), "c".repeat(64))))
                .isInstanceOf(LeaseLostException.class);
        assertThat(count("select count(*) from affine_version where cohort = $1"))
                .isZero();
        assertThat(count("select count(*) from outbox where topic like '%/' || $1 || '/%'"))
                .isZero();
    }

    @Test
    void refuse_recordsTheReason() {
        Lease lease = acquire("first", LONG);

        get(repository.refuse(lease, version("01D" + key.cohort())));

        assertThat(count("select count(*) from affine_version where cohort = $1 and verdict = 'REFUSED'"
                        + " and reason = 'because' and fencing = 1"))
                .isOne();
    }

    private Lease takenOver() throws InterruptedException {
        Lease first = acquire("first", Duration.ofMillis(50));
        Thread.sleep(100);
        acquire("second", LONG);
        return first;
    }

    private Lease acquire(String holder, Duration life) {
        return get(repository.acquire(key, holder, life)).orElseThrow();
    }

    private static NewVersion version(String name) {
        return new NewVersion(
                name, Optional.empty(), 3, 0, 0, 0, "f".repeat(64), Optional.of(new byte[] {1}), "because", "{}");
    }

    private long sample(String id, boolean heldBack) {
        return sample("d", id, heldBack);
    }

    private long sample(String device, String id, boolean heldBack) {
        return get(database.inTransaction(TENANT, c -> c.preparedQuery("insert into sample (tenant, device, sample_id,"
                        + " cohort, model_digest, artefact, format, width, height, bytes, entropy,"
                        + " predicted_class, reason, held_back) values ('default', $5, $1, $2, $3, 'a', 'PNG',"
                        + " 1, 1, 1, 0, 0, 'INFORMATIVE', $4) returning ordinal")
                .execute(Tuple.of(id + key.cohort(), key.cohort(), key.modelDigest(), heldBack, device))
                .map(rows -> rows.iterator().next().getLong(0))));
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
