package io.cema.cloud.adaptation;

import io.cema.cloud.ingest.TrustedSamples;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The loops in PostgreSQL: leases, samples, versions. Every write of a loop checks its lease in the same transaction.
 * Any thread; results arrive on a Vert.x thread.
 */
@ApplicationScoped
class LoopRepository {
    private static final String LOOP = "cohort = $1 and model_digest = $2";
    private static final String SAMPLE = "ordinal, device, artefact, format, reason, predicted_class, update_version";

    private static final String TRUSTED = TrustedSamples.CONDITION;

    /**
     * Set by every statement that locks a loop's row: where its process stands still in the middle (paused, or cut off),
     * the database ends the transaction after so many milliseconds, and the next owner is not held up.
     */
    private static final String LONGEST_STANDSTILL =
            "set_config('idle_in_transaction_session_timeout', '5000', true) as standstill";

    /** Of so many devices a turn is taken when each has more to offer than fits. */
    private static final int DEVICES_A_TURN = 16;

    /** A step is linked to so many frames at most. */
    private static final int MOST_TRACES = 32;

    private final TenantDatabase database;
    private final Outbox outbox;
    private final CanaryPhase canaries;

    LoopRepository(TenantDatabase database, Outbox outbox, CanaryPhase canaries) {
        this.database = database;
        this.outbox = outbox;
        this.canaries = canaries;
    }

    /** Every loop of a tenant that nobody holds. */
    Uni<List<LoopKey>> unheld(String tenant) {
        return database.inTransaction(tenant, c -> c.preparedQuery(
                        "select cohort, model_digest from adaptation_loop where expires_at < now() order by 1, 2")
                .execute()
                .map(rows -> list(
                        rows, row -> new LoopKey(tenant, row.getString("cohort"), row.getString("model_digest")))));
    }

    /** Takes the lease if nobody holds it; the token rises. */
    Uni<Optional<Lease>> acquire(LoopKey key, String holder, Duration life) {
        return database.inTransaction(key.tenant(), c -> c.preparedQuery("update adaptation_loop set holder = $3,"
                        + " fencing = fencing + 1, expires_at = now() + $4 * interval '1 millisecond' where " + LOOP
                        + " and expires_at < now() returning fencing, " + LONGEST_STANDSTILL)
                .execute(Tuple.of(key.cohort(), key.modelDigest(), holder, (double) life.toMillis()))
                .map(rows -> first(rows).map(row -> new Lease(key, holder, row.getLong("fencing")))));
    }

    /**
     * One that ran out and that nobody took is ours again: the token says that nobody had the loop meanwhile.
     *
     * @return false if the lease is no longer ours
     */
    Uni<Boolean> renew(Lease lease, Duration life) {
        return database.inTransaction(lease.key().tenant(), c -> c.preparedQuery("update adaptation_loop set"
                        + " expires_at = now() + $5 * interval '1 millisecond' where " + LOOP
                        + " and holder = $3 and fencing = $4 returning " + LONGEST_STANDSTILL)
                .execute(tuple(lease).addValue((double) life.toMillis()))
                .map(rows -> rows.rowCount() == 1));
    }

    /** Gives the lease back at once; nothing happens if it is no longer ours. */
    Uni<Void> release(Lease lease) {
        return database.inTransaction(
                lease.key().tenant(), c -> c.preparedQuery("update adaptation_loop set holder = null,"
                                + " expires_at = '-infinity', status = 'IDLE' where " + LOOP
                                + " and holder = $3 and fencing = $4 returning " + LONGEST_STANDSTILL)
                        .execute(tuple(lease))
                        .replaceWithVoid());
    }

    /** @return empty if there is no such loop */
    Uni<Optional<LoopState>> state(LoopKey key) {
        return database.inTransaction(key.tenant(), c -> c.preparedQuery(
                        "select l.foundation_digest, l.step, l.live_version, l.checkpoint, l.withdrawals, v.affine,"
                                + " c.policy,"
                                + " l.candidate_version, l.candidate_checkpoint, w.affine as candidate_affine,"
                                + " coalesce(h.frozen or h.pinned_version is not null, false) as held"
                                + " from adaptation_loop l join cohort c on c.id = l.cohort"
                                + " left join affine_version v on v.version = l.live_version"
                                + " left join affine_version w on w.version = l.candidate_version"
                                + " left join update_hold h on h.cohort = l.cohort"
                                + " where l.cohort = $1 and l.model_digest = $2")
                .execute(Tuple.of(key.cohort(), key.modelDigest()))
                .map(rows -> first(rows)
                        .map(row -> new LoopState(
                                row.getString("foundation_digest"),
                                row.getLong("step"),
                                Optional.ofNullable(row.getString("live_version")),
                                Optional.ofNullable(row.getBuffer("affine")).map(affine -> affine.getBytes()),
                                Optional.ofNullable(row.getString("checkpoint")),
                                row.getLong("withdrawals"),
                                row.getJsonObject("policy").encode(),
                                candidate(row),
                                row.getBoolean("held")))));
    }

    private static Optional<LoopState.Candidate> candidate(Row row) {
        return Optional.ofNullable(row.getString("candidate_version"))
                .map(version -> new LoopState.Candidate(
                        version, row.getBuffer("candidate_affine").getBytes(), row.getString("candidate_checkpoint")));
    }

    /** See {@link LoopStore#unscored}. */
    Uni<List<StoredSample>> unscored(LoopKey key, int limit, boolean randomAlone) {
        return database.inTransaction(
                key.tenant(),
                c -> samples(
                        c,
                        "select " + SAMPLE + " from sample where " + LOOP + " and teacher_class is null"
                                + " and (reason = 'RANDOM' or not $4) and received_at >= (select r.started_at"
                                + " from update_rollout r where r.cohort = $1 and r.model_digest = $2"
                                + " and r.state = 'CANARY') order by ordinal limit $3",
                        Tuple.of(key.cohort(), key.modelDigest(), limit, randomAlone)));
    }

    /** See {@link LoopStore#statistics}. */
    Uni<List<StoredReport>> statistics(LoopKey key, int minutes) {
        return database.inTransaction(key.tenant(), c -> ReportQueries.of(c, key, minutes));
    }

    /** One statement for all. Fails with {@link LeaseLostException}. */
    Uni<Void> recordScores(Lease lease, List<LoopStore.Score> scores) {
        return database.inTransaction(lease.key().tenant(), c -> c.preparedQuery("select " + LONGEST_STANDSTILL
                        + " from adaptation_loop where " + LOOP
                        + " and holder = $3 and fencing = $4 and expires_at > now() for share")
                .execute(tuple(lease))
                .invoke(rows -> requireOne(rows, lease))
                .chain(() -> c.preparedQuery("update sample s set teacher_class = x.class"
                                + " from unnest($3::bigint[], $4::int[]) as x(at, class)"
                                + " where " + LOOP + " and s.ordinal = x.at and s.teacher_class is null")
                        .execute(Tuple.of(
                                lease.key().cohort(),
                                lease.key().modelDigest(),
                                scores.stream().map(LoopStore.Score::ordinal).toArray(Long[]::new),
                                scores.stream()
                                        .map(LoopStore.Score::teacherClass)
                                        .toArray(Integer[]::new))))
                .replaceWithVoid());
    }

    /**
     * Uploads of the loop that no step took yet and that are not held back: {@code limit} of a device, the newest, taken in
     * turns, so that those of a device that sends few are not pushed out by one that sends many.
     */
    Uni<Backlog> backlog(LoopKey key, int limit) {
        String open = " from sample where " + LOOP + " and trained_step is null and not held_back" + TRUSTED;
        return database.inTransaction(key.tenant(), c -> c.preparedQuery("select count(*) as waiting,"
                        + " coalesce(extract(epoch from now() - min(received_at)) * 1000, 0)::float8 as waited"
                        + open)
                .execute(Tuple.of(key.cohort(), key.modelDigest()))
                .map(rows -> rows.iterator().next())
                .chain(sum -> sum.getLong("waiting") == 0
                        ? Uni.createFrom().item(new Backlog(List.of(), 0, 0))
                        : samples(
                                        c,
                                        "select " + SAMPLE + " from (select " + SAMPLE
                                                + ", row_number() over (partition by device order by ordinal desc) as"
                                                + " turn"
                                                + open + ") s where turn <= $3 order by turn, ordinal desc limit $4",
                                        Tuple.of(key.cohort(), key.modelDigest(), limit, DEVICES_A_TURN * limit))
                                .map(newest -> new Backlog(
                                        newest,
                                        sum.getLong("waiting"),
                                        sum.getDouble("waited").longValue()))));
    }

    /** See {@link LoopStore#traces}. */
    Uni<List<String>> traces(LoopKey key, long firstOrdinal, long lastOrdinal) {
        return database.inTransaction(key.tenant(), c -> c.preparedQuery("select trace_parent from sample where " + LOOP
                        + " and ordinal between $3 and $4 and trace_parent is not null order by ordinal limit $5")
                .execute(Tuple.of(key.cohort(), key.modelDigest(), firstOrdinal, lastOrdinal, MOST_TRACES))
                .map(rows -> list(rows, row -> row.getString("trace_parent"))));
    }

    /** What earlier steps took, the {@code limit} newest, oldest first: the replay buffer after a restart. */
    Uni<List<StoredSample>> trained(LoopKey key, int limit) {
        return database.inTransaction(
                key.tenant(),
                c -> samples(
                        c,
                        "select " + SAMPLE + " from sample where " + LOOP
                                + " and trained_step is not null and not held_back" + TRUSTED
                                + " order by ordinal desc limit $3",
                        Tuple.of(key.cohort(), key.modelDigest(), limit)));
    }

    /** Held-back uploads after {@code afterOrdinal}: of each device the {@code limit} newest, random ones preferred. */
    Uni<List<StoredSample>> heldBack(LoopKey key, long afterOrdinal, int limit) {
        return database.inTransaction(
                key.tenant(),
                c -> samples(
                        c,
                        "select " + SAMPLE + " from (select " + SAMPLE + ", row_number() over (partition by device"
                                + " order by (reason = 'RANDOM') desc, ordinal desc) as turn from sample where " + LOOP
                                + " and held_back and ordinal > $3" + TRUSTED + ") s where turn <= $4"
                                + " order by turn, (reason = 'RANDOM') desc, ordinal desc limit $5",
                        Tuple.of(key.cohort(), key.modelDigest(), afterOrdinal, limit, DEVICES_A_TURN * limit)));
    }

    /**
     * One transaction: every untrained upload up to {@code lastOrdinal} is taken by {@code step}, and the loop stands
     * there. Fails with {@link LeaseLostException}.
     */
    Uni<Void> recordStep(Lease lease, long step, long lastOrdinal) {
        return database.inTransaction(lease.key().tenant(), c -> c.preparedQuery(
                        "update adaptation_loop set step = $5, status = 'LEARNING',"
                                + " problem = null where " + LOOP
                                + " and holder = $3 and fencing = $4 and expires_at > now() returning "
                                + LONGEST_STANDSTILL)
                .execute(tuple(lease).addValue(step))
                .invoke(rows -> requireOne(rows, lease))
                .chain(() -> lastOrdinal == 0
                        ? Uni.createFrom().voidItem()
                        : c.preparedQuery("update sample set trained_step = $4 where " + LOOP
                                        + " and trained_step is null and not held_back and ordinal <= $3" + TRUSTED)
                                .execute(Tuple.of(
                                        lease.key().cohort(), lease.key().modelDigest(), lastOrdinal, step))
                                .replaceWithVoid()));
    }

    /** What the loop is doing, for people; {@code problem} may be empty. Fails with {@link LeaseLostException}. */
    Uni<Void> status(Lease lease, String status, Optional<String> problem) {
        return database.inTransaction(
                lease.key().tenant(), c -> c.preparedQuery("update adaptation_loop set status = $5, problem = $6 where "
                                + LOOP + " and holder = $3 and fencing = $4 returning "
                                + LONGEST_STANDSTILL)
                        .execute(tuple(lease).addValue(status).addValue(problem.orElse(null)))
                        .invoke(rows -> requireOne(rows, lease))
                        .replaceWithVoid());
    }

    /** Records a refused candidate. Fails with {@link LeaseLostException}. */
    Uni<Void> refuse(Lease lease, NewVersion version) {
        return database.inTransaction(
                lease.key().tenant(), c -> locked(c, lease).chain(() -> insert(c, lease, version, "REFUSED")));
    }

    /**
     * One transaction: version, publication, the loop's live version and checkpoint, and the signed retained message in
     * the outbox. Where the cohort has a canary phase: the candidate and its checkpoint instead of the live ones, and the
     * canary channel. Fails with {@link LeaseLostException}; nothing is written then.
     *
     * @param checkpoint artefact of the twin that adopted this version
     */
    Uni<Published> publish(Lease lease, NewVersion version, String checkpoint) {
        LoopKey key = lease.key();
        return database.inTransaction(key.tenant(), c -> locked(c, lease).chain(row -> {
            requireFree(row, key);
            boolean candidate = row.getBoolean("canary");
            if (version.ofStatisticsAlone() && !candidate) {
                throw new IllegalStateException(
                        "loop " + key + ": what was learnt from statistics alone goes to canaries"
                                + " or nowhere; the cohort's policy has no section canary");
            }
            String channel = candidate ? CanaryPhase.CANARY : CanaryPhase.STABLE;
            Published published = new Published(row.getLong("epoch"), row.getLong("next_revision"), candidate);
            return insert(c, lease, version, "PUBLISHED")
                    .chain(() -> insertPublication(c, key, published, channel, version.version()))
                    .chain(() -> c.preparedQuery("update adaptation_loop set next_revision = $3, "
                                    + (candidate
                                            ? "candidate_version = $4, candidate_checkpoint = $5"
                                            : "live_version = $4, checkpoint = $5")
                                    + ", step = $6 where " + LOOP)
                            .execute(Tuple.of(
                                    key.cohort(),
                                    key.modelDigest(),
                                    published.revision() + 1,
                                    version.version(),
                                    checkpoint,
                                    version.step())))
                    .chain(() -> candidate ? canaries.begin(c, key, version.version()) : canaries.none(c, key))
                    .chain(() -> outbox.enqueue(
                            c,
                            Topics.update(key.tenant(), key.cohort(), key.modelDigest(), channel),
                            version.message(key, channel, published.epoch(), published.revision()),
                            true))
                    .replaceWith(published);
        }));
    }

    private static Uni<Void> insertPublication(
            SqlConnection connection, LoopKey key, Published published, String channel, String version) {
        return connection
                .preparedQuery(
                        "insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                                + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6)")
                .execute(Tuple.of(
                        key.cohort(), key.modelDigest(), published.epoch(), published.revision(), channel, version))
                .replaceWithVoid();
    }

    /** The loop looks before it publishes; this is for what changed since. */
    private static void requireFree(Row row, LoopKey key) {
        if (row.getString("candidate_version") != null || row.getBoolean("held")) {
            throw new IllegalStateException("loop " + key + ": nothing is published while "
                    + (row.getBoolean("held")
                            ? "its updates are frozen or pinned"
                            : "candidate " + row.getString("candidate_version") + " is under judgement"));
        }
    }

    /** The newest update once more, as it was; nothing if there is none. Fails with {@link LeaseLostException}. */
    Uni<Void> announce(Lease lease) {
        LoopKey key = lease.key();
        return database.inTransaction(key.tenant(), c -> locked(c, lease)
                .chain(() -> outbox.repeat(
                        c, Topics.update(key.tenant(), key.cohort(), key.modelDigest(), CanaryPhase.STABLE))));
    }

    /** Epoch and revision of a publication, and whether it is a candidate under judgement. */
    record Published(long epoch, long revision, boolean candidate) {}

    /** Locks the loop's row against every other publication, if the lease still holds. */
    private static Uni<Row> locked(SqlConnection connection, Lease lease) {
        return connection
                .preparedQuery("select " + LONGEST_STANDSTILL
                        + ", l.next_revision, l.candidate_version, (select epoch from system_state) as epoch,"
                        + " (select c.policy->'canary' is not null from cohort c where c.id = $1) as canary,"
                        + " exists (select 1 from update_hold h where h.cohort = $1"
                        + "   and (h.frozen or h.pinned_version is not null)) as held"
                        + " from adaptation_loop l where " + LOOP
                        + " and holder = $3 and fencing = $4 and expires_at > now() for update of l")
                .execute(tuple(lease))
                .map(rows -> first(rows).orElseThrow(() -> new LeaseLostException(lease)));
    }

    private static Uni<Void> insert(SqlConnection connection, Lease lease, NewVersion version, String verdict) {
        LoopKey key = lease.key();
        return connection
                .preparedQuery("insert into affine_version (tenant, version, cohort, model_digest, parent, step,"
                        + " first_ordinal, last_ordinal, samples, teacher_digest, affine, verdict, reason,"
                        + " metrics, fencing, trace_parent) values (current_setting('cema.tenant'), $1, $2,"
                        + " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")
                .execute(Tuple.tuple()
                        .addValue(version.version())
                        .addValue(key.cohort())
                        .addValue(key.modelDigest())
                        .addValue(version.parent().orElse(null))
                        .addValue(version.step())
                        .addValue(version.firstOrdinal() == 0 ? null : version.firstOrdinal())
                        .addValue(version.lastOrdinal() == 0 ? null : version.lastOrdinal())
                        .addValue(version.samples())
                        .addValue(version.teacherDigest())
                        .addValue(version.affine().map(Buffer::buffer).orElse(null))
                        .addValue(verdict)
                        .addValue(version.reason())
                        .addValue(new JsonObject(version.metrics()))
                        .addValue(lease.fencing())
                        .addValue(version.traceParent()))
                .replaceWithVoid();
    }

    private static Uni<List<StoredSample>> samples(SqlConnection connection, String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters).map(rows -> {
            List<StoredSample> samples = list(
                    rows,
                    row -> new StoredSample(
                            row.getLong("ordinal"),
                            row.getString("device"),
                            row.getString("artefact"),
                            ImageFormat.valueOf(row.getString("format")),
                            UploadReason.valueOf(row.getString("reason")),
                            row.getInteger("predicted_class"),
                            row.getString("update_version")));
            Collections.sort(samples, java.util.Comparator.comparingLong(StoredSample::ordinal));
            return samples;
        });
    }

    private static Tuple tuple(Lease lease) {
        return Tuple.of(lease.key().cohort(), lease.key().modelDigest(), lease.holder(), lease.fencing());
    }

    private static void requireOne(RowSet<Row> rows, Lease lease) {
        if (rows.rowCount() != 1) {
            throw new LeaseLostException(lease);
        }
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }

    private static <T> List<T> list(RowSet<Row> rows, java.util.function.Function<Row, T> reader) {
        List<T> values = new ArrayList<>(rows.size());
        rows.forEach(row -> values.add(reader.apply(row)));
        return values;
    }
}
