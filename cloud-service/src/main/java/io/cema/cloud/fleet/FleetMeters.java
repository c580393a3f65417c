package io.cema.cloud.fleet;

import io.cema.cloud.metrics.CohortLabels;
import io.cema.cloud.metrics.DatabaseGauges;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** How many devices are there, for the metrics endpoint; a device itself is never a label. The same for every process. */
@ApplicationScoped
class FleetMeters implements DatabaseGauges {
    private final CohortLabels cohorts;
    private final MultiGauge devices;

    /** What the devices of a series have in common. */
    private record Series(String cohort, String presence) {}

    FleetMeters(MeterRegistry registry, CohortLabels cohorts) {
        this.cohorts = cohorts;
        devices = MultiGauge.builder("cema.devices")
                .description("Devices in service by cohort and presence; silent: the broker calls it online and it says"
                        + " nothing")
                .register(registry);
    }

    @Override
    public Uni<Void> look(SqlConnection connection) {
        return connection
                .query("select coalesce(cohort, '') as cohort, case when silent and online = 'ONLINE' then 'SILENT'"
                        + " else online end as presence, count(*) as devices from device where status = 'ACTIVE'"
                        + " group by 1, 2 order by 1, 2")
                .execute()
                .invoke(rows -> {
                    Map<Series, Long> counted = new HashMap<>();
                    rows.forEach(row -> counted.merge(
                            new Series(
                                    cohorts.of(row.getString("cohort")),
                                    row.getString("presence").toLowerCase(Locale.ROOT)),
                            row.getLong("devices"),
                            Long::sum));
                    show(counted);
                })
                .replaceWithVoid();
    }

    private void show(Map<Series, Long> counted) {
        devices.register(
                counted.entrySet().stream()
                        .map(one -> Row.of(
                                Tags.of(
                                        "cohort",
                                        one.getKey().cohort(),
                                        "presence",
                                        one.getKey().presence()),
                                one.getValue()))
                        .toList(),
                true);
    }
}
