package io.cema.cloud.fleet;

import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The list of a cohort: devices that are in it because an operator, or their claim, says so. */
@ApplicationScoped
class CohortMembers {
    private final TenantDatabase database;
    private final CohortRows rows;
    private final Placement placement;

    CohortMembers(TenantDatabase database, CohortRows rows, Placement placement) {
        this.database = database;
        this.rows = rows;
        this.placement = placement;
    }

    /** Puts the device on the list, out of the cohort it may have been in; fails with 404, 409 or 412. */
    Uni<Cohort> add(String tenant, String id, String device, Optional<String> ifMatch) {
        return change(tenant, id, ifMatch, connection -> put(connection, id, List.of(device)));
    }

    /** Takes the device off the list: it goes where the selectors say, or has no slot. Fails with 404, 409 or 412. */
    Uni<Cohort> remove(String tenant, String id, String device, Optional<String> ifMatch) {
        return change(tenant, id, ifMatch, connection -> DeviceChanges.lock(connection, device)
                .invoke(row -> requireListed(row, id, device))
                .chain(() -> connection
                        .preparedQuery("update device set selected = true, version = version + 1 where id = $1")
                        .execute(Tuple.of(device)))
                .chain(() -> placement.settle(connection, List.of(device))));
    }

    private interface Work {
        Uni<Void> in(SqlConnection connection);
    }

    private Uni<Cohort> change(String tenant, String id, Optional<String> ifMatch, Work work) {
        return database.inTransaction(tenant, connection -> placement
                .lock(connection)
                .chain(() -> CohortRows.lock(connection, id))
                .invoke(version -> EntityTags.requireMatch(ifMatch, version))
                .chain(() -> connection
                        .preparedQuery("update cohort set version = version + 1 where id = $1")
                        .execute(Tuple.of(id)))
                .chain(() -> work.in(connection))
                .chain(() -> rows.find(connection, id)));
    }

    /** Of a cohort that is being made: does not take devices from another cohort's list. */
    Uni<Void> enlist(SqlConnection connection, String cohort, Collection<String> devices) {
        if (devices.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return connection
                .preparedQuery("select id, cohort from device where id = any($1) and cohort <> $2 and not selected"
                        + " order by id")
                .execute(Tuple.of(devices.toArray(String[]::new), cohort))
                .invoke(found -> found.forEach(row -> {
                    throw ProblemException.conflict("device " + row.getString("id") + " is in cohort "
                            + row.getString("cohort") + "; move it by PUT /api/v1/cohorts/" + cohort + "/devices/"
                            + row.getString("id") + " once the cohort exists");
                }))
                .chain(() -> put(connection, cohort, devices));
    }

    private Uni<Void> put(SqlConnection connection, String cohort, Collection<String> devices) {
        String[] ids = devices.stream().distinct().sorted().toArray(String[]::new);
        return connection
                .preparedQuery("insert into device (tenant, id) select current_setting('cema.tenant'), id"
                        + " from unnest($1::text[]) as wanted (id) on conflict (tenant, id) do nothing")
                .execute(Tuple.of(ids))
                .chain(() -> connection
                        .preparedQuery(
                                "select id, status, cohort from device where id = any($1) order by id for update")
                        .execute(Tuple.of(ids)))
                .call(() -> DeviceSlots.requireOtherModels(connection, ids, cohort, false))
                .chain(rows -> put(connection, cohort, rows));
    }

    private Uni<Void> put(SqlConnection connection, String cohort, RowSet<Row> devices) {
        List<String> present = new ArrayList<>();
        Map<String, Optional<String>> others = new LinkedHashMap<>();
        for (Row row : devices) {
            String device = row.getString("id");
            DeviceChanges.requireActive(device, row.getString("status"));
            if (cohort.equals(row.getString("cohort"))) {
                present.add(device);
            } else {
                others.put(device, Optional.ofNullable(row.getString("cohort")));
            }
        }
        return connection
                .preparedQuery("update device set selected = false where id = any($1)")
                .execute(Tuple.of(present.toArray(String[]::new)))
                .chain(() -> others.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : placement.move(connection, others, Optional.of(cohort), false));
    }

    private static void requireListed(Row row, String cohort, String device) {
        if (!cohort.equals(row.getString("cohort"))) {
            throw ProblemException.notFound("device " + device + " is not in cohort " + cohort);
        }
        if (row.getBoolean("selected")) {
            throw ProblemException.conflict(
                    "device " + device + " is in cohort " + cohort + " by the cohort's selector,"
                            + " not by its list; change the device's labels, or the selector, or put it on another list");
        }
    }
}
