package io.cema.cloud.fleet;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Takes an enrolled device into the fleet, within the transaction of its enrolment. */
@ApplicationScoped
public class DeviceAdmission {
    private final DesiredStates desired;

    DeviceAdmission(DesiredStates desired) {
        this.desired = desired;
    }

    /** Fails with 404 if there is no such cohort; keeps it from changing until the transaction ends. */
    public Uni<Void> requireCohort(SqlConnection connection, Optional<String> cohort) {
        return cohort.isEmpty() ? Uni.createFrom().voidItem() : Cohorts.lock(connection, cohort.get());
    }

    /**
     * Makes the device known and puts it into the cohort, out of the one it may have been in.
     *
     * @return its generation: above all it was ever given or spoke with
     */
    public Uni<Long> admit(SqlConnection connection, String device, Optional<String> cohort) {
        return requireCohort(connection, cohort)
                .chain(() -> connection
                        .preparedQuery("insert into device as d (tenant, id, cohort, enrolments)"
                                + " values (current_setting('cema.tenant'), $1, $2, 1)"
                                + " on conflict (tenant, id) do update set cohort = coalesce(excluded.cohort, d.cohort),"
                                + " enrolments = greatest(d.enrolments, d.generation) + 1 returning enrolments")
                        .execute(Tuple.of(device, cohort.orElse(null))))
                .map(rows -> rows.iterator().next().getLong(0))
                .call(() -> cohort.isEmpty() ? Uni.createFrom().voidItem() : desired.publish(connection, device));
    }
}
