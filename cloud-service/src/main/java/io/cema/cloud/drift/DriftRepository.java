package io.cema.cloud.drift;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The streams in PostgreSQL. Any thread. */
@ApplicationScoped
class DriftRepository {
    private static final String COLUMNS =
            "t.cohort, t.device, t.signal, t.model_digest, t.update_version, t.state," + " t.since, t.observed_at";

    /** SQL: whether nobody has cleared the alarm of stream {@code t}. */
    private static final String ALARMED =
            " exists (select 1 from alarm a where a.tenant = t.tenant and a.type = 'DRIFT'"
                    + " and a.state <> 'CLEARED' and a.signal = t.signal and a.cohort = t.cohort"
                    + " and coalesce(a.device, '') = t.device) as alarmed";

    private final ObjectMapper json;

    DriftRepository(ObjectMapper json) {
        this.json = json;
    }

    /** @param alarmed whether its alarm is open */
    record Found(StoredStream stream, boolean alarmed) {}

    /**
     * A slot of a device.
     *
     * @param own of the device's own cohort
     * @param version the update that the device says it runs there; empty: none
     */
    record SlotStreams(String cohort, boolean own, String version, List<Found> streams) {
        Optional<Found> of(Signal signal) {
            return streams.stream()
                    .filter(found -> found.stream().key().signal() == signal)
                    .findFirst();
        }
    }

    /** The slots that a device has, with the streams of each. */
    Uni<List<SlotStreams>> ofDevice(SqlConnection connection, String device) {
        return connection
                .preparedQuery(
                        "select s.cohort as slot, not s.further as own, coalesce((select r->>'updateVersion' from"
                                + " jsonb_array_elements(coalesce(d.reported->'slots', '[]')) r where r->>'cohort' = s.cohort"
                                + " limit 1), '') as version, " + COLUMNS + "," + ALARMED
                                + " from device d join device_slot s on s.tenant = d.tenant and s.device = d.id"
                                + " left join drift_stream t on t.tenant = d.tenant and t.cohort = s.cohort and t.device = d.id"
                                + " where d.id = $1 order by s.cohort")
                .execute(Tuple.of(device))
                .map(rows -> {
                    List<SlotStreams> slots = new ArrayList<>();
                    for (Row row : rows) {
                        String cohort = row.getString("slot");
                        if (slots.isEmpty()
                                || !slots.get(slots.size() - 1).cohort().equals(cohort)) {
                            slots.add(new SlotStreams(
                                    cohort, row.getBoolean("own"), row.getString("version"), new ArrayList<>()));
                        }
                        if (row.getString("signal") != null) {
                            slots.get(slots.size() - 1)
                                    .streams()
                                    .add(new Found(stream(row), row.getBoolean("alarmed")));
                        }
                    }
                    return slots;
                });
    }

    /** The stream of a whole cohort. */
    Uni<Optional<Found>> ofCohort(SqlConnection connection, String cohort, Signal signal) {
        return connection
                .preparedQuery("select " + COLUMNS + "," + ALARMED
                        + " from drift_stream t where t.cohort = $1 and t.device = '' and t.signal = $2")
                .execute(Tuple.of(cohort, signal.name()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(new Found(
                                stream(rows.iterator().next()),
                                rows.iterator().next().getBoolean("alarmed"))));
    }

    Uni<Void> save(SqlConnection connection, List<StoredStream> streams) {
        if (streams.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return connection
                .preparedQuery("insert into drift_stream (tenant, cohort, device, signal, model_digest, update_version,"
                        + " phase, observations, evidence, score, usual, rank, state, since, observed_at)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
                        + " $13, $14) on conflict (tenant, cohort, device, signal) do update set"
                        + " model_digest = excluded.model_digest, update_version = excluded.update_version,"
                        + " phase = excluded.phase, observations = excluded.observations,"
                        + " evidence = excluded.evidence, score = excluded.score, usual = excluded.usual,"
                        + " rank = excluded.rank, state = excluded.state, since = excluded.since,"
                        + " observed_at = excluded.observed_at")
                .executeBatch(streams.stream().map(this::values).toList())
                .replaceWithVoid();
    }

    private Tuple values(StoredStream stored) {
        DriftStream stream = stored.state().stream();
        return Tuple.tuple()
                .addValue(stored.key().cohort())
                .addValue(stored.key().device().orElse(""))
                .addValue(stored.key().signal().name())
                .addValue(stored.modelDigest())
                .addValue(stored.version())
                .addValue(stream.phase().name())
                .addValue(stream.observations())
                .addValue(stream.evidence())
                .addValue(stream.score())
                .addValue(stream.usual())
                .addValue(stream.rank().orElse(null))
                .addValue(text(stored.state()))
                .addValue(stored.since().atOffset(ZoneOffset.UTC))
                .addValue(stored.observedAt().atOffset(ZoneOffset.UTC));
    }

    private JsonObject text(StreamState state) {
        try {
            return new JsonObject(json.writeValueAsString(state));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the state of a stream cannot be written as JSON", e);
        }
    }

    private StoredStream stream(Row row) {
        StreamKey key = new StreamKey(
                row.getString("cohort"),
                Optional.of(row.getString("device")).filter(device -> !device.isEmpty()),
                Signal.valueOf(row.getString("signal")));
        try {
            return new StoredStream(
                    key,
                    row.getString("model_digest"),
                    row.getString("update_version"),
                    json.readValue(row.getJsonObject("state").encode(), StreamState.class),
                    instant(row, "since"),
                    instant(row, "observed_at"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored stream " + key + " cannot be read", e);
        }
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }
}
