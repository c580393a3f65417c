package io.cema.cloud.rollout.model;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far each device of a rollout is, by what it told: the newest event about the model since it was told to take it, and
 * its reported state. The two are ordered by the device's own (generation, connection, sequence), never by a clock; the
 * later one counts. A device that had applied the model and reports another one by itself has failed. In the caller's
 * transaction.
 */
@ApplicationScoped
class DeviceStates {
    /** SQL: device d reports edge model $2 in a slot. */
    static final String REPORTS = "(coalesce(d.reported -> 'slots', '[]') @> jsonb_build_array(jsonb_build_object("
            + "'modelDigest', $2::text)))";

    private static final String REPORTED_AT = "((d.reported ->> 'generation')::bigint,"
            + " (d.reported ->> 'connection')::bigint, (d.reported ->> 'sequence')::bigint)";

    private static final String REFRESH = "update rollout_device r set state = s.state, reason = s.reason,"
            + " state_at = now() from (select d.id, case"
            + "   when e.type in ('FAILED', 'REJECTED', 'ROLLED_BACK') and not (" + REPORTS
            + " and later) then 'FAILED'"
            + "   when " + REPORTS + " then 'APPLIED'"
            + "   when e.type = 'APPLIED' then case when later then 'FAILED' else 'APPLIED' end"
            + "   when e.type in ('DOWNLOADING', 'DOWNLOADED', 'VERIFIED') then e.type else 'PENDING' end as state, case"
            + "   when e.type in ('FAILED', 'REJECTED', 'ROLLED_BACK') and not (" + REPORTS
            + " and later) then e.reason"
            + "   when e.type = 'APPLIED' and later and not " + REPORTS
            + "     then 'it had applied the model and reports another one' else '' end as reason"
            + " from rollout_device p join device d on d.tenant = p.tenant and d.id = p.device"
            + " join device_slot t on t.tenant = p.tenant and t.device = p.device and t.cohort = p.cohort"
            + " left join lateral (select v.* from device_event v where v.tenant = d.tenant and v.device = d.id"
            + "   and v.subject = 'model' and v.model_digest = $2 and v.received_at >= p.activated_at"
            + "   order by v.generation desc, v.connection desc, v.sequence desc limit 1) e on true"
            + " cross join lateral (select d.reported is not null and " + REPORTED_AT
            + "   > (e.generation, e.connection, e.sequence) as later) l"
            + " where p.rollout = $1 and p.active) s"
            + " where r.rollout = $1 and r.device = s.id and (r.state, r.reason) is distinct from (s.state, s.reason)";

    /** Brings the states of the devices that are meant to have the model up to date. */
    Uni<Void> refresh(SqlConnection connection, Rollout rollout, String edge) {
        return connection
                .preparedQuery(REFRESH)
                .execute(Tuple.of(rollout.id(), edge))
                .replaceWithVoid();
    }

    /** Devices in the cohort that are meant to have the model: all, applied, failed. */
    Uni<Counts> counts(SqlConnection connection, Rollout rollout) {
        return connection
                .preparedQuery("select count(*) as devices, count(*) filter (where r.state = 'APPLIED') as applied,"
                        + " count(*) filter (where r.state = 'FAILED') as failed from rollout_device r join device_slot s"
                        + " on s.tenant = r.tenant and s.device = r.device and s.cohort = r.cohort"
                        + " where r.rollout = $1 and r.active")
                .execute(Tuple.of(rollout.id()))
                .map(rows -> rows.iterator().next())
                .map(row -> new Counts(row.getLong("devices"), row.getLong("applied"), row.getLong("failed")));
    }

    /** Of the devices so far. */
    record Counts(long devices, long applied, long failed) {}

    /** For people, by wave. */
    Uni<List<WaveProgress>> progress(SqlConnection connection, Rollout rollout) {
        return connection
                .preparedQuery("select wave, count(*) as devices, count(*) filter (where active) as active,"
                        + " count(*) filter (where state = 'PENDING') as pending,"
                        + " count(*) filter (where state = 'DOWNLOADING') as downloading,"
                        + " count(*) filter (where state = 'DOWNLOADED') as downloaded,"
                        + " count(*) filter (where state = 'VERIFIED') as verified,"
                        + " count(*) filter (where state = 'APPLIED') as applied,"
                        + " count(*) filter (where state = 'FAILED') as failed"
                        + " from rollout_device where rollout = $1 group by wave")
                .execute(Tuple.of(rollout.id()))
                .map(rows -> {
                    List<WaveProgress> progress = new ArrayList<>();
                    rollout.waves()
                            .forEach(wave -> progress.add(new WaveProgress(wave.name(), 0, 0, 0, 0, 0, 0, 0, 0)));
                    for (Row row : rows) {
                        int wave = row.getInteger("wave");
                        if (wave < progress.size()) {
                            progress.set(wave, progress(progress.get(wave).name(), row));
                        }
                    }
                    return progress;
                });
    }

    private static WaveProgress progress(String name, Row row) {
        return new WaveProgress(
                name,
                row.getLong("devices"),
                row.getLong("active"),
                row.getLong("pending"),
                row.getLong("downloading"),
                row.getLong("downloaded"),
                row.getLong("verified"),
                row.getLong("applied"),
                row.getLong("failed"));
    }

    /** By id. */
    Uni<List<RolloutDevice>> list(SqlConnection connection, String rollout, String edge, int limit, int offset) {
        return connection
                .preparedQuery("select r.*, " + REPORTS + " as reports from rollout_device r"
                        + " join device d on d.tenant = r.tenant and d.id = r.device"
                        + " where r.rollout = $1 order by r.device limit $3 offset $4")
                .execute(Tuple.of(rollout, edge, limit, offset))
                .map(rows -> {
                    List<RolloutDevice> devices = new ArrayList<>();
                    rows.forEach(row -> devices.add(device(row)));
                    return devices;
                });
    }

    private static RolloutDevice device(Row row) {
        return new RolloutDevice(
                row.getString("device"),
                row.getInteger("wave"),
                row.getBoolean("active"),
                DeviceState.valueOf(row.getString("state")),
                row.getString("reason"),
                row.getBoolean("reports"),
                Optional.ofNullable(row.getOffsetDateTime("activated_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getOffsetDateTime("state_at")).map(OffsetDateTime::toInstant));
    }
}
