package io.cema.cloud.ingest;

import io.cema.cloud.messaging.DeadLetter;
import io.cema.cloud.messaging.DeadLetters;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.trace.TraceParent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The tables of ingest. Every method is one transaction and may be repeated without further effect. */
@ApplicationScoped
class SampleStore {
    private static final String INSERT =
            "insert into sample (tenant, device, sample_id, cohort, model_digest, artefact, format, width, height,"
                    + " bytes, entropy, predicted_class, reason, update_version, frame, captured_at, held_back,"
                    + " pixel_statistics, trace_parent) values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6,"
                    + " $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) on conflict (tenant, device, sample_id)"
                    + " do nothing";

    private final TenantDatabase database;
    private final DeadLetters deadLetters;
    private final Payloads payloads;
    private final ServiceClock clock;
    private final String tenant;

    SampleStore(
            TenantDatabase database,
            DeadLetters deadLetters,
            Payloads payloads,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.deadLetters = deadLetters;
        this.payloads = payloads;
        this.clock = clock;
        this.tenant = tenant;
    }

    /** The known ones of these devices, by id. */
    Uni<Map<String, Sender>> senders(Collection<String> devices) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select d.id, s.cohort, l.model_digest from device d"
                        + " left join device_slot s on s.tenant = d.tenant and s.device = d.id"
                        + " left join adaptation_loop l on l.tenant = s.tenant and l.cohort = s.cohort"
                        + " where d.id = any($1)")
                .execute(Tuple.of(devices.toArray(String[]::new)))
                .map(SampleStore::senders));
    }

    private static Map<String, Sender> senders(RowSet<Row> rows) {
        Map<String, Sender> senders = new HashMap<>();
        for (Row row : rows) {
            Sender sender = senders.computeIfAbsent(row.getString("id"), device -> new Sender(device, new TreeMap<>()));
            if (row.getString("cohort") != null) {
                Set<String> models = sender.slots().computeIfAbsent(row.getString("cohort"), c -> new HashSet<>());
                if (row.getString("model_digest") != null) {
                    models.add(row.getString("model_digest"));
                }
            }
        }
        return senders;
    }

    /**
     * Writes samples and dead letters together.
     *
     * @return per sample, whether it is new
     */
    Uni<List<Boolean>> insert(List<NewSample> samples, List<DeadLetter> letters) {
        return database.inTransaction(
                tenant, connection -> OneByOne.each(letters, letter -> deadLetters.store(connection, letter))
                        .chain(() -> insert(connection, samples)));
    }

    private Uni<List<Boolean>> insert(SqlConnection connection, List<NewSample> samples) {
        if (samples.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return payloads.hold(connection, samples)
                .chain(() -> connection
                        .preparedQuery(INSERT)
                        .executeBatch(samples.stream().map(SampleStore::columns).toList()))
                .map(first -> {
                    List<Boolean> isNew = new ArrayList<>();
                    for (RowSet<Row> rows = first; rows != null; rows = rows.next()) {
                        isNew.add(rows.rowCount() == 1);
                    }
                    return isNew;
                });
    }

    /** Makes one part durable and looks whether it was the last missing one. */
    Uni<PartState> add(String device, SamplePart part) {
        return database.inTransaction(tenant, connection -> lock(connection, device, part.getSampleId())
                .chain(() -> connection
                        .preparedQuery("select 1 from sample where device = $1 and sample_id = $2")
                        .execute(Tuple.of(device, part.getSampleId())))
                .chain(rows -> rows.size() > 0
                        ? Uni.createFrom().item(new PartState.Joined())
                        : insert(connection, device, part).chain(() -> state(connection, device, part))));
    }

    /** The image of several parts becomes a sample; its parts go. */
    Uni<Boolean> join(NewSample sample) {
        return database.inTransaction(tenant, connection -> lock(
                        connection, sample.device(), sample.part().getSampleId())
                .chain(() -> insert(connection, List.of(sample)))
                .call(() ->
                        deleteParts(connection, sample.device(), sample.part().getSampleId()))
                .map(isNew -> isNew.get(0)));
    }

    /** The image of several parts will never become a sample; its parts go. */
    Uni<Void> giveUp(String device, String sampleId, DeadLetter letter) {
        return database.inTransaction(tenant, connection -> lock(connection, device, sampleId)
                .chain(() -> payloads.share(connection))
                .chain(() -> deadLetters.store(connection, letter))
                .call(() -> deleteParts(connection, device, sampleId)));
    }

    /** Forgets parts whose siblings never came. */
    Uni<Integer> expireParts(Duration age) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("delete from sample_part where received_at < $1")
                .execute(Tuple.of(OffsetDateTime.ofInstant(clock.instant().minus(age), ZoneOffset.UTC)))
                .map(RowSet::rowCount));
    }

    /** Two replicas may hold the last two parts: the lock lets the second see what the first has written. */
    private static Uni<Void> lock(SqlConnection connection, String device, String sampleId) {
        return connection
                .preparedQuery("select pg_advisory_xact_lock(hashtext(current_setting('cema.tenant') || '/' || $1),"
                        + " hashtext($2))")
                .execute(Tuple.of(device, sampleId))
                .replaceWithVoid();
    }

    private static Uni<Void> insert(SqlConnection connection, String device, SamplePart part) {
        return connection
                .preparedQuery("insert into sample_part (tenant, device, sample_id, part, parts, data, info, sha256)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7)"
                        + " on conflict (tenant, device, sample_id, part) do nothing")
                .execute(Tuple.tuple()
                        .addString(device)
                        .addString(part.getSampleId())
                        .addInteger(part.getPart())
                        .addInteger(part.getParts())
                        .addValue(Buffer.buffer(part.getData().toByteArray()))
                        .addValue(Buffer.buffer(part.getInfo().toByteArray()))
                        .addValue(Buffer.buffer(part.getSha256().toByteArray())))
                .replaceWithVoid();
    }

    private static Uni<PartState> state(SqlConnection connection, String device, SamplePart part) {
        return connection
                .preparedQuery("select count(*) from sample_part where device = $1 and sample_id = $2")
                .execute(Tuple.of(device, part.getSampleId()))
                .chain(rows -> rows.iterator().next().getLong(0) < part.getParts()
                        ? Uni.createFrom().item(new PartState.Waiting())
                        : connection
                                .preparedQuery("select data from sample_part where device = $1 and sample_id = $2"
                                        + " order by part")
                                .execute(Tuple.of(device, part.getSampleId()))
                                .map(SampleStore::joined));
    }

    private static PartState joined(RowSet<Row> rows) {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        rows.forEach(row -> image.writeBytes(row.get(Buffer.class, "data").getBytes()));
        return new PartState.Complete(image.toByteArray());
    }

    private static Uni<Void> deleteParts(SqlConnection connection, String device, String sampleId) {
        return connection
                .preparedQuery("delete from sample_part where device = $1 and sample_id = $2")
                .execute(Tuple.of(device, sampleId))
                .replaceWithVoid();
    }

    private static Tuple columns(NewSample sample) {
        SampleInfo info = sample.part().getInfo();
        return Tuple.tuple()
                .addString(sample.device())
                .addString(sample.part().getSampleId())
                .addString(info.getCohort())
                .addString(info.getModelDigest())
                .addString(sample.artefact())
                .addString(info.getFormat().name())
                .addInteger(info.getWidth())
                .addInteger(info.getHeight())
                .addInteger(sample.part().getTotalBytes())
                .addFloat(info.getEntropy())
                .addInteger(info.getPredictedClass())
                .addString(info.getReason().name())
                .addString(info.getUpdateVersion())
                .addLong(info.getFrame())
                .addValue(Instant.ofEpochMilli(info.getCapturedMs()).atOffset(ZoneOffset.UTC))
                .addBoolean(sample.heldBack())
                .addValue(sample.image().statistics().orElseThrow().values())
                .addString(TraceParent.checked(info.getTraceParent()).orElse(null));
    }
}
