package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.arc.All;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Takes devices out of service. The row stays, so that nothing the device still says makes it a new one; its samples stay
 * until they expire, its events and the audit log for good. Enrolled anew it comes back, with a higher generation and
 * without what it was told before.
 */
@ApplicationScoped
class Decommissioning {
    private static final Logger LOG = Logger.getLogger(Decommissioning.class);
    private static final List<DeviceLeaf> RETAINED =
            List.of(DeviceLeaf.PRESENCE, DeviceLeaf.REPORTED, DeviceLeaf.DESIRED);

    private final TenantDatabase database;
    private final Placement placement;
    private final Outbox outbox;
    private final LiveEvents live;
    private final List<DeviceDeparture> departures;

    Decommissioning(
            TenantDatabase database,
            Placement placement,
            Outbox outbox,
            LiveEvents live,
            @All List<DeviceDeparture> departures) {
        this.database = database;
        this.placement = placement;
        this.outbox = outbox;
        this.live = live;
        this.departures = departures;
    }

    /** Fails with 404 or 412; a second time changes nothing. */
    Uni<Void> decommission(String tenant, String device, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> OneByOne.each(
                                departures, departure -> departure.leave(connection, device))
                        .chain(() -> placement.lock(connection))
                        .chain(() -> DeviceChanges.lock(connection, device))
                        .invoke(row -> EntityTags.requireMatch(ifMatch, row.getLong("version")))
                        .chain(row -> row.getString("status").equals(Device.DECOMMISSIONED)
                                ? Uni.createFrom().voidItem()
                                : end(connection, tenant, device, row)))
                .chain(() -> OneByOne.each(departures, departure -> departure
                        .left(device)
                        .onFailure()
                        .invoke(e -> LOG.warnf(e, "device %s is decommissioned, and a part is left for later", device))
                        .onFailure()
                        .recoverWithNull()));
    }

    private Uni<Void> end(SqlConnection connection, String tenant, String device, Row row) {
        JsonObject last =
                new JsonObject().put("cohort", row.getString("cohort")).put("labels", row.getJsonObject("labels"));
        return connection
                .preparedQuery("update device set status = 'DECOMMISSIONED', decommissioned_at = now(), cohort = null,"
                        + " selected = false, labels = '{}', reported = null, telemetry = null, online = 'OFFLINE',"
                        + " silent = false, version = version + 1 where id = $1")
                .execute(Tuple.of(device))
                .chain(() ->
                        OneByOne.each(RETAINED, leaf -> outbox.clear(connection, Topics.device(tenant, device, leaf))))
                .chain(() -> live.append(connection, "device.decommissioned", "devices/" + device, last));
    }
}
