package io.cema.cloud.rollout.model;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Table {@code rollout_device}: which device is in which wave, and whether it is meant to have the model. Only devices that
 * are in the cohort count; one that left keeps its row, and its place should it come back. In the caller's transaction.
 */
@ApplicationScoped
class RolloutDevices {
    /** Rows of a rollout whose device is in the cohort now. */
    private static final String PRESENT =
            " from rollout_device r join device d on d.tenant = r.tenant and d.id = r.device"
                    + " join device_slot s on s.tenant = r.tenant and s.device = r.device and s.cohort = r.cohort"
                    + " where r.rollout = $1";

    /**
     * Devices of the cohort without a place. The labels are read past the column's type, so that a cohort without labels is
     * one where no label holds.
     */
    Uni<List<Candidate.Found>> placeless(SqlConnection connection, Rollout rollout) {
        return connection
                .preparedQuery("select d.id, to_jsonb(d) -> 'labels' as labels from device d"
                        + " join device_slot s on s.tenant = d.tenant and s.device = d.id where s.cohort = $2"
                        + " and not exists (select 1 from rollout_device r where r.rollout = $1 and r.device = d.id)")
                .execute(Tuple.of(rollout.id(), rollout.cohort()))
                .map(rows -> {
                    List<Candidate.Found> found = new ArrayList<>();
                    rows.forEach(row -> found.add(new Candidate.Found(row.getString("id"), labels(row))));
                    return found;
                });
    }

    private static Map<String, String> labels(Row row) {
        Map<String, String> labels = new HashMap<>();
        if (row.getValue("labels") instanceof JsonObject json) {
            json.forEach(label -> labels.put(label.getKey(), String.valueOf(label.getValue())));
        }
        return labels;
    }

    /** Gives each its place, for good: the first wave that takes it. */
    Uni<Void> place(SqlConnection connection, Rollout rollout, List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<WaveSelection> waves =
                rollout.waves().stream().map(Wave::selection).toList();
        return connection
                .preparedQuery("insert into rollout_device (tenant, rollout, device, cohort, pair, bucket, wave)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5, $6)")
                .executeBatch(candidates.stream()
                        .map(c -> Tuple.of(
                                rollout.id(), c.device(), rollout.cohort(), rollout.pair(), c.bucket(), wave(waves, c)))
                        .toList())
                .replaceWithVoid();
    }

    /** The last wave takes whatever no other does. */
    private static int wave(List<WaveSelection> waves, Candidate candidate) {
        int wave = 0;
        while (wave < waves.size() - 1 && !waves.get(wave).takes(candidate)) {
            wave++;
        }
        return wave;
    }

    /** Turns the override on for every device up to this wave; returns those for which it was off. */
    Uni<List<String>> activate(SqlConnection connection, Rollout rollout, int wave) {
        return connection
                .preparedQuery("update rollout_device r set active = true, activated_at = now() from device_slot s"
                        + " where r.rollout = $1 and r.wave <= $2 and not r.active and s.tenant = r.tenant"
                        + " and s.device = r.device and s.cohort = r.cohort returning r.device")
                .execute(Tuple.of(rollout.id(), wave))
                .map(RolloutDevices::ids);
    }

    /** Turns every override off; returns the devices in the cohort that had one. */
    Uni<List<String>> deactivate(SqlConnection connection, Rollout rollout) {
        return connection
                .preparedQuery("select r.device" + PRESENT + " and r.active")
                .execute(Tuple.of(rollout.id()))
                .map(RolloutDevices::ids)
                .call(() -> connection
                        .preparedQuery("update rollout_device set active = false where rollout = $1 and active")
                        .execute(Tuple.of(rollout.id())));
    }

    /** Every device of the cohort. */
    Uni<List<String>> ofCohort(SqlConnection connection, Rollout rollout) {
        return connection
                .preparedQuery("select device from device_slot where cohort = $1")
                .execute(Tuple.of(rollout.cohort()))
                .map(RolloutDevices::ids);
    }

    /** Devices in the cohort with, or without, the override. */
    Uni<List<String>> group(SqlConnection connection, Rollout rollout, boolean active) {
        return connection
                .preparedQuery("select r.device" + PRESENT + " and r.active = $2 order by r.device")
                .execute(Tuple.of(rollout.id(), active))
                .map(RolloutDevices::ids);
    }

    /**
     * Devices that still have the model, or may be about to, against what they are meant to have: they report it, or were on
     * the way to it and have not answered their newest desired state.
     */
    Uni<Long> left(SqlConnection connection, Rollout rollout, String edge) {
        return connection
                .preparedQuery("select count(*) from rollout_device r"
                        + " join device d on d.tenant = r.tenant and d.id = r.device"
                        + " join device_slot s on s.tenant = d.tenant and s.device = d.id and s.cohort = r.cohort"
                        + " join cohort c on c.tenant = s.tenant and c.id = s.cohort"
                        + " left join rollout_device o on o.tenant = d.tenant and o.device = d.id and o.cohort = c.id"
                        + "   and o.active"
                        + " join model_pair p on p.tenant = c.tenant and p.id = coalesce(o.pair, c.pair)"
                        + " where r.rollout = $1 and p.edge_digest <> $2 and (" + DeviceStates.REPORTS
                        + " or r.state in"
                        + " ('DOWNLOADING', 'DOWNLOADED', 'VERIFIED', 'APPLIED') and coalesce((d.reported ->>"
                        + " 'desiredVersion')::bigint, 0) < d.desired_version)")
                .execute(Tuple.of(rollout.id(), edge))
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private static List<String> ids(RowSet<Row> rows) {
        List<String> ids = new ArrayList<>();
        rows.forEach(row -> ids.add(row.getString(0)));
        return ids.stream().sorted().collect(Collectors.toList());
    }
}
