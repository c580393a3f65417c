package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The slots of devices: a model each, with the cohort that it is adapted in. The first is that of the device's own cohort,
 * which {@link Placement} decides; further ones are given here. A device runs a model once, so no two of its slots may be
 * of cohorts with the same model.
 */
@ApplicationScoped
class DeviceSlots {
    /** What an agent that serves several models says of itself. */
    static final String CAPABILITY = "slots:several";

    private final TenantDatabase database;
    private final Devices devices;
    private final Placement placement;
    private final DesiredStates desired;
    private final LiveEvents live;

    DeviceSlots(TenantDatabase database, Devices devices, Placement placement, DesiredStates desired, LiveEvents live) {
        this.database = database;
        this.devices = devices;
        this.placement = placement;
        this.desired = desired;
        this.live = live;
    }

    /** Gives the device the slot; one that it has is no error. Fails with 404, 409 or 412. */
    Uni<Device> add(String tenant, String device, String cohort, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> lock(connection, device, cohort, ifMatch)
                .chain(() -> find(connection, device, cohort))
                .chain(slot -> slot.isPresent()
                        ? Uni.createFrom().voidItem()
                        : requireFit(connection, device, cohort).chain(() -> insert(connection, device, cohort)))
                .chain(() -> devices.find(connection, device)));
    }

    /** Takes a further slot away. Fails with 404, 409 for the slot of the device's own cohort, or 412. */
    Uni<Device> remove(String tenant, String device, String cohort, Optional<String> ifMatch) {
        return database.inTransaction(tenant, connection -> lock(connection, device, cohort, ifMatch)
                .chain(() -> find(connection, device, cohort))
                .invoke(slot -> requireFurther(device, cohort, slot))
                .chain(() -> delete(connection, List.of(device), cohort))
                .chain(() -> devices.find(connection, device)));
    }

    /** Takes the slots of a cohort that ends, within the caller's transaction; own ones are the caller's affair. */
    Uni<Void> removeAll(SqlConnection connection, String cohort) {
        return connection
                .preparedQuery("select device from device_slot where cohort = $1 and further order by device")
                .execute(Tuple.of(cohort))
                .chain(rows -> {
                    List<String> concerned = new ArrayList<>();
                    rows.forEach(row -> concerned.add(row.getString(0)));
                    return delete(connection, concerned, cohort);
                });
    }

    /** Puts another cohort in the place of that of a further slot, within the caller's transaction. */
    Uni<Void> move(SqlConnection connection, String device, String from, String to) {
        return connection
                .preparedQuery("delete from device_slot where device = $1 and cohort = $2 and further")
                .execute(Tuple.of(device, from))
                .chain(() -> requireOtherModels(connection, new String[] {device}, to, true))
                .chain(() -> insert(connection, device, to));
    }

    /**
     * Fails with 409 if another slot of one of the devices has the cohort's model.
     *
     * @param ownToo whether the slot of its own cohort counts as well
     */
    static Uni<Void> requireOtherModels(SqlConnection connection, String[] devices, String cohort, boolean ownToo) {
        return connection
                .preparedQuery("select s.device, s.cohort, m.name from device_slot s"
                        + " join cohort c on c.tenant = s.tenant and c.id = s.cohort"
                        + " left join rollout_device r on r.tenant = s.tenant and r.device = s.device"
                        + "   and r.cohort = c.id and r.active"
                        + " join model_pair p on p.tenant = c.tenant and p.id in (c.pair, coalesce(r.pair, c.pair))"
                        + " join cohort t on t.tenant = s.tenant and t.id = $2"
                        + " join model_pair tp on tp.tenant = t.tenant and tp.id = t.pair"
                        + "   and tp.edge_digest = p.edge_digest"
                        + " join model m on m.tenant = p.tenant and m.digest = p.edge_digest"
                        + " where s.device = any($1) and s.cohort <> $2 and (s.further or $3) order by s.device")
                .execute(Tuple.of(devices, cohort, ownToo))
                .invoke(rows -> rows.forEach(row -> {
                    throw ProblemException.conflict("device " + row.getString("device") + " runs the model of cohort "
                            + cohort + ", " + row.getString("name") + ", in its slot of cohort "
                            + row.getString("cohort")
                            + " already; a device runs a model once: take that slot away first");
                }))
                .replaceWithVoid();
    }

    private Uni<Void> lock(SqlConnection connection, String device, String cohort, Optional<String> ifMatch) {
        return placement
                .lock(connection)
                .chain(() -> CohortRows.lock(connection, cohort))
                .chain(() -> DeviceChanges.lock(connection, device))
                .invoke(row -> {
                    DeviceChanges.requireActive(device, row.getString("status"));
                    EntityTags.requireMatch(ifMatch, row.getLong("version"));
                })
                .replaceWithVoid();
    }

    /** @return whether it is a further one; empty if the device has no such slot */
    private static Uni<Optional<Boolean>> find(SqlConnection connection, String device, String cohort) {
        return connection
                .preparedQuery("select further from device_slot where device = $1 and cohort = $2")
                .execute(Tuple.of(device, cohort))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getBoolean(0)));
    }

    private static Uni<Void> requireFit(SqlConnection connection, String device, String cohort) {
        return requireOtherModels(connection, new String[] {device}, cohort, true)
                .chain(() -> connection
                        .preparedQuery(
                                "select d.cohort, d.reported->'capabilities' as capabilities from device d where id = $1")
                        .execute(Tuple.of(device))
                        .invoke(rows -> requireAble(device, rows.iterator().next()))
                        .replaceWithVoid());
    }

    /** An agent that knows one slot alone would follow no desired state at all any more. */
    private static void requireAble(String device, Row row) {
        if (row.getString("cohort") == null) {
            throw ProblemException.conflict(
                    "device " + device + " has no cohort of its own; put it into its first one by"
                            + " PUT /api/v1/cohorts/{cohort}/devices/" + device);
        }
        if (row.getValue("capabilities") instanceof JsonArray able && !able.contains(CAPABILITY)) {
            throw ProblemException.conflict("the agent of device " + device + " serves one model alone: it does not"
                    + " report the capability " + CAPABILITY + "; update the agent first");
        }
    }

    private static void requireFurther(String device, String cohort, Optional<Boolean> slot) {
        if (slot.isEmpty()) {
            throw ProblemException.notFound("device " + device + " has no slot of cohort " + cohort);
        }
        if (!slot.get()) {
            throw ProblemException.conflict("cohort " + cohort + " is the own cohort of device " + device
                    + "; take it out by DELETE /api/v1/cohorts/" + cohort + "/devices/" + device);
        }
    }

    private Uni<Void> insert(SqlConnection connection, String device, String cohort) {
        return connection
                .preparedQuery("insert into device_slot (tenant, device, cohort, further)"
                        + " values (current_setting('cema.tenant'), $1, $2, true)")
                .execute(Tuple.of(device, cohort))
                .chain(() -> told(connection, List.of(device), "device.slot-added", cohort));
    }

    private Uni<Void> delete(SqlConnection connection, List<String> devices, String cohort) {
        return connection
                .preparedQuery("delete from device_slot where device = any($1) and cohort = $2 and further")
                .execute(Tuple.of(devices.toArray(String[]::new), cohort))
                .chain(() -> told(connection, devices, "device.slot-removed", cohort));
    }

    private Uni<Void> told(SqlConnection connection, List<String> devices, String event, String cohort) {
        Map<String, JsonObject> told = new LinkedHashMap<>();
        devices.forEach(device -> told.put("devices/" + device, new JsonObject().put("cohort", cohort)));
        return connection
                .preparedQuery("update device set version = version + 1 where id = any($1)")
                .execute(Tuple.of(devices.toArray(String[]::new)))
                .chain(() -> desired.publish(connection, devices))
                .chain(() -> live.append(connection, event, told));
    }

    /** The column {@code slots}. */
    static List<String> names(Row row) {
        String[] names = row.getArrayOfStrings("slots");
        return names == null ? List.of() : new ArrayList<>(List.of(names));
    }
}
