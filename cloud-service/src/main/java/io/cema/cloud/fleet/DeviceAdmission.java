package io.cema.cloud.fleet;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Takes an enrolled device into the fleet, within the transaction of its enrolment. */
@ApplicationScoped
public class DeviceAdmission {
    /** Of one that comes back, nothing from before counts any more, be it ever so late. */
    private static final String OLD_GENERATIONS_END = " generation = case when d.status = 'DECOMMISSIONED'"
            + " then greatest(d.enrolments, d.generation) + 1 else d.generation end,"
            + " connection = case when d.status = 'DECOMMISSIONED' then 0 else d.connection end,"
            + " online = case when d.status = 'DECOMMISSIONED' then 'UNKNOWN' else d.online end,";

    private final DesiredStates desired;
    private final Placement placement;

    DeviceAdmission(DesiredStates desired, Placement placement) {
        this.desired = desired;
        this.placement = placement;
    }

    /** Fails with 404 if there is no such cohort; keeps it from changing until the transaction ends. */
    public Uni<Void> requireCohort(SqlConnection connection, Optional<String> cohort) {
        return cohort.isEmpty()
                ? Uni.createFrom().voidItem()
                : CohortRows.lock(connection, cohort.get()).replaceWithVoid();
    }

    /**
     * Makes the device known, one that was decommissioned too, and puts it into the cohort, out of the one it may have been
     * in; without one, to where the selectors say.
     *
     * @return its generation: above all it was ever given or spoke with
     */
    public Uni<Long> admit(SqlConnection connection, String device, Optional<String> cohort) {
        return placement
                .lock(connection)
                .chain(() -> requireCohort(connection, cohort))
                .chain(() -> connection
                        .preparedQuery("insert into device as d (tenant, id, cohort, enrolments)"
                                + " values (current_setting('cema.tenant'), $1, $2, 1)"
                                + " on conflict (tenant, id) do update set cohort = coalesce(excluded.cohort, d.cohort),"
                                + " selected = d.selected and excluded.cohort is null, status = 'ACTIVE',"
                                + " decommissioned_at = null, version = d.version + 1,"
                                + OLD_GENERATIONS_END
                                + " enrolments = greatest(d.enrolments, d.generation) + 1 returning enrolments")
                        .execute(Tuple.of(device, cohort.orElse(null))))
                .map(rows -> rows.iterator().next().getLong(0))
                .call(() -> cohort.isEmpty()
                        ? placement.settle(connection, List.of(device))
                        : desired.publish(connection, List.of(device)));
    }
}
