package io.cema.cloud.guard;

import io.cema.cloud.ingest.TrustedSamples;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads what devices sent lately out of the samples. Devices set apart are left out; a released one counts anew. */
@ApplicationScoped
class Portraits {
    private static final String SQL = "with recent as (select device, predicted_class, entropy, pixel_statistics as p,"
            + " row_number() over (partition by device order by ordinal desc) as age,"
            + " least($5, count(*) over (partition by device)) as images"
            + " from sample where cohort = $1 and model_digest = $2 and received_at >= $3 and received_at < $4"
            + " and pixel_statistics is not null" + TrustedSamples.CONDITION
            + " and not exists (select 1 from quarantine r where r.tenant = sample.tenant and r.device = sample.device"
            + " and r.cohort = sample.cohort and r.state = 'RELEASED' and sample.received_at < r.decided_at))"
            + " select device, age * 2 <= images as newer, predicted_class, count(*) as images, sum(p[1])::float8,"
            + " sum(p[2])::float8, sum(p[3])::float8, sum(p[4])::float8, sum(p[5])::float8, sum(p[6])::float8,"
            + " sum(entropy)::float8 from recent where age <= images and images >= $6 group by 1, 2, 3";

    /** Where the sums begin among the columns. */
    private static final int SUMS = 4;

    private final TenantDatabase database;

    Portraits(TenantDatabase database) {
        this.database = database;
    }

    /** A cohort with the edge model it adapts. */
    record Loop(String cohort, String modelDigest, String policy) {}

    Uni<List<Loop>> loops(String tenant) {
        return database.inTransaction(tenant, connection -> connection
                .query("select l.cohort, l.model_digest, c.policy from adaptation_loop l"
                        + " join cohort c on c.tenant = l.tenant and c.id = l.cohort order by 1, 2")
                .execute()
                .map(rows -> {
                    List<Loop> loops = new ArrayList<>();
                    rows.forEach(row -> loops.add(new Loop(
                            row.getString("cohort"),
                            row.getString("model_digest"),
                            row.getJsonObject("policy").encode())));
                    return loops;
                }));
    }

    /** Of each device that sent enough, the newest uploads of the time. */
    Uni<List<DeviceWindow>> windows(String tenant, Loop loop, Instant from, Instant until, GuardConfig config) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SQL)
                .execute(Tuple.of(
                        loop.cohort(),
                        loop.modelDigest(),
                        from.atOffset(ZoneOffset.UTC),
                        until.atOffset(ZoneOffset.UTC),
                        (long) config.mostImages(),
                        (long) config.minimumImages()))
                .map(Portraits::windows));
    }

    private static List<DeviceWindow> windows(RowSet<Row> rows) {
        Map<String, DeviceWindow> windows = new TreeMap<>();
        for (Row row : rows) {
            Portrait portrait = portrait(row);
            String device = row.getString("device");
            windows.merge(
                    device,
                    row.getBoolean("newer")
                            ? new DeviceWindow(device, Portrait.EMPTY, portrait)
                            : new DeviceWindow(device, portrait, Portrait.EMPTY),
                    (one, other) -> new DeviceWindow(
                            device, one.older().plus(other.older()), one.newer().plus(other.newer())));
        }
        return List.copyOf(windows.values());
    }

    private static Portrait portrait(Row row) {
        double[] sums = new double[Trait.values().length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = row.getDouble(SUMS + i);
        }
        long images = row.getLong("images");
        return new Portrait(images, sums, Map.of(row.getInteger("predicted_class"), images));
    }
}
