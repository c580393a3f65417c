package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Knows who belongs to the fleet, and takes in who was never heard of. */
@ApplicationScoped
class DeviceRegister {
    private final Placement placement;
    private final LiveEvents live;

    DeviceRegister(Placement placement, LiveEvents live) {
        this.placement = placement;
        this.live = live;
    }

    /** How the fleet stands to a device that says something. */
    enum Standing {
        KNOWN,
        /** Never heard of until now: it has just got its row. */
        NEW,
        /** What it says does not count. */
        DECOMMISSIONED
    }

    /**
     * Before the transaction locks a device's row. One that was never heard of gets a row, and the cohort whose selector takes
     * a device without labels, if there is one, so that an operator sees it.
     */
    Uni<Standing> hears(SqlConnection connection, String device) {
        return connection
                .preparedQuery("select status from device where id = $1")
                .execute(Tuple.of(device))
                .chain(rows -> rows.size() == 1
                        ? Uni.createFrom()
                                .item(
                                        rows.iterator()
                                                        .next()
                                                        .getString("status")
                                                        .equals(Device.ACTIVE)
                                                ? Standing.KNOWN
                                                : Standing.DECOMMISSIONED)
                        : placement.lock(connection).chain(() -> add(connection, device)));
    }

    private Uni<Standing> add(SqlConnection connection, String device) {
        return connection
                .preparedQuery("insert into device (tenant, id) values (current_setting('cema.tenant'), $1)"
                        + " on conflict (tenant, id) do nothing")
                .execute(Tuple.of(device))
                .call(rows -> rows.rowCount() == 0
                        ? Uni.createFrom().voidItem()
                        : live.append(connection, "device.appeared", "devices/" + device, new JsonObject())
                                .chain(() -> placement.settle(connection, List.of(device))))
                .replaceWith(Standing.NEW);
    }
}
