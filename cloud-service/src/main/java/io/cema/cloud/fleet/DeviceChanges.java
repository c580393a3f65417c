package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.fleet.DevicePatch.Attributes;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What operators say of a device. A change of its labels moves it between the cohorts that follow labels. */
@ApplicationScoped
class DeviceChanges {
    private final TenantDatabase database;
    private final Devices devices;
    private final Placement placement;
    private final LiveEvents live;

    DeviceChanges(TenantDatabase database, Devices devices, Placement placement, LiveEvents live) {
        this.database = database;
        this.devices = devices;
        this.placement = placement;
        this.live = live;
    }

    /**
     * Writes what {@code change} makes of the present attributes; the same again changes nothing. Fails with 404, with 409
     * for a decommissioned device, 412 for a stale version.
     */
    Uni<Device> change(String tenant, String id, Optional<String> ifMatch, UnaryOperator<Attributes> change) {
        return database.inTransaction(tenant, connection -> placement
                .lock(connection)
                .chain(() -> lock(connection, id))
                .invoke(row -> {
                    requireActive(id, row.getString("status"));
                    EntityTags.requireMatch(ifMatch, row.getLong("version"));
                })
                .chain(row -> {
                    Attributes present = new Attributes(
                            Placement.labels(row), row.getString("display_name"), row.getString("description"));
                    Attributes wanted = change.apply(present);
                    return wanted.equals(present)
                            ? Uni.createFrom().voidItem()
                            : write(connection, id, wanted)
                                    .chain(() -> wanted.labels().equals(present.labels())
                                            ? Uni.createFrom().voidItem()
                                            : placement.settle(connection, List.of(id)));
                })
                .chain(() -> devices.find(connection, id)));
    }

    private Uni<Void> write(SqlConnection connection, String id, Attributes wanted) {
        JsonObject labels = new JsonObject(new HashMap<>(wanted.labels()));
        return connection
                .preparedQuery("update device set labels = $2, display_name = $3, description = $4,"
                        + " version = version + 1 where id = $1")
                .execute(Tuple.of(id, labels, wanted.displayName(), wanted.description()))
                .chain(() -> live.append(
                        connection,
                        "device.changed",
                        "devices/" + id,
                        new JsonObject().put("labels", labels).put("displayName", wanted.displayName())));
    }

    /** Fails with 404. */
    static Uni<Row> lock(SqlConnection connection, String id) {
        return connection
                .preparedQuery("select status, version, labels, display_name, description, cohort, selected"
                        + " from device where id = $1 for update")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw Devices.missing(id);
                    }
                    return rows.iterator().next();
                });
    }

    /** @throws ProblemException 409 */
    static void requireActive(String id, String status) {
        if (!status.equals(Device.ACTIVE)) {
            throw ProblemException.conflict(
                    "device " + id + " is decommissioned; a new claim and its enrolment bring it back");
        }
    }
}
