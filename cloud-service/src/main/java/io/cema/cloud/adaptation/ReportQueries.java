package io.cema.cloud.adaptation;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** A loop's reports of statistics in PostgreSQL. */
final class ReportQueries {
    private static final int REPORTS_OF_A_DEVICE = 4;
    private static final int MOST_REPORTS = 256;

    /** When statistics failed at the canaries, they rest: two minutes, and twice as long after each further time in a day. */
    private static final String NOT_RESTING = " and r.received_at > (select coalesce(max(u.decided_at)"
            + " + least(interval '1 day', interval '1 minute' * power(2, least(count(*), 11))), '-infinity')"
            + " from update_rollout u where u.cohort = $1 and u.model_digest = $2 and u.state = 'REVOKED'"
            + " and u.decided_at > now() - interval '1 day')";

    private static final String NO_IMAGES_COME = " and not exists (select 1 from sample s where s.cohort = $1"
            + " and s.model_digest = $2 and s.received_at > now() - $3 * interval '1 minute')";

    /** As TrustedSamples has it for images. */
    private static final String TRUSTED =
            " and not exists (select 1 from quarantine q where q.tenant = r.tenant and q.device = r.device"
                    + " and q.cohort = r.cohort and (q.state = 'QUARANTINED'"
                    + " or q.state = 'MOVED' and r.received_at < q.decided_at))";

    private ReportQueries() {}

    static Uni<List<StoredReport>> of(SqlConnection connection, LoopKey key, int minutes) {
        return connection
                .preparedQuery("select * from (select r.*, row_number() over (partition by r.device order by r.ordinal"
                        + " desc) as turn from statistics_report r where r.cohort = $1 and r.model_digest = $2"
                        + " and r.received_at > now() - $3 * interval '1 minute'" + NO_IMAGES_COME + NOT_RESTING
                        + TRUSTED
                        + ") n where turn <= $4 order by ordinal desc limit $5")
                .execute(Tuple.of(key.cohort(), key.modelDigest(), (double) minutes, REPORTS_OF_A_DEVICE, MOST_REPORTS))
                .map(rows -> {
                    List<StoredReport> reports = new ArrayList<>(rows.size());
                    rows.forEach(row -> reports.add(report(row)));
                    return reports;
                });
    }

    private static StoredReport report(Row row) {
        return new StoredReport(
                row.getLong("ordinal"),
                row.getString("device"),
                row.getInteger("frames"),
                row.getFloat("prior"),
                row.get(Buffer.class, "statistics").getBytes(),
                row.getFloat("mean_entropy"),
                row.getFloat("information"),
                counts(row.getArrayOfIntegers("classes")),
                row.getFloat("renormalised_entropy"),
                row.getFloat("renormalised_information"),
                counts(row.getArrayOfIntegers("renormalised_classes")));
    }

    private static int[] counts(Integer[] values) {
        int[] counts = new int[values.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = values[i];
        }
        return counts;
    }
}
