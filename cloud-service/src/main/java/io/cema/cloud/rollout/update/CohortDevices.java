package io.cema.cloud.rollout.update;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Who of a cohort stands on which channel; each in order of ids.
 *
 * @param canaries present ones that are in the cohort
 * @param others all others of the cohort
 */
record CohortDevices(List<String> canaries, List<String> others) {
    static Uni<CohortDevices> of(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select s.device as id, exists (select 1 from canary_device k where k.tenant = s.tenant"
                        + " and k.cohort = s.cohort and k.device = s.device) as canary"
                        + " from device_slot s where s.cohort = $1 order by s.device")
                .execute(Tuple.of(cohort))
                .map(rows -> {
                    CohortDevices devices = new CohortDevices(new ArrayList<>(), new ArrayList<>());
                    rows.forEach(row ->
                            (row.getBoolean("canary") ? devices.canaries : devices.others).add(row.getString("id")));
                    return devices;
                });
    }

    List<String> all() {
        List<String> all = new ArrayList<>(canaries);
        all.addAll(others);
        all.sort(null);
        return all;
    }
}
