package io.cema.cloud.fleet;

import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;

/** Moves a device out of a cohort it does not fit into, within the caller's transaction. */
@ApplicationScoped
public class CohortMoves {
    private final Placement placement;
    private final DeviceSlots slots;

    CohortMoves(Placement placement, DeviceSlots slots) {
        this.placement = placement;
        this.slots = slots;
    }

    /**
     * Puts the device on the list of cohort {@code to}, so that no selector takes it back, and tells it. If there is no such
     * cohort, it is made after the present one, with its pair and policy. Call before the transaction locks a device's row.
     * Fails with 404 if the cohort is gone, with 409 if the device is not in it.
     *
     * @param from where the device is
     */
    public Uni<Void> move(SqlConnection connection, String device, String from, String to) {
        return placement
                .lock(connection)
                .chain(() -> CohortRows.lock(connection, from))
                .chain(() -> like(connection, from, to))
                .chain(() -> connection
                        .preparedQuery("select d.cohort = $2 as own from device d join device_slot s"
                                + " on s.tenant = d.tenant and s.device = d.id where d.id = $1 and s.cohort = $2"
                                + " for update of d")
                        .execute(Tuple.of(device, from)))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.conflict("device " + device + " is no longer in cohort " + from);
                    }
                    return Boolean.TRUE.equals(rows.iterator().next().getBoolean("own"));
                })
                .chain(own -> own
                        ? placement.move(connection, Map.of(device, Optional.of(from)), Optional.of(to), false)
                        : slots.move(connection, device, from, to));
    }

    private static Uni<Void> like(SqlConnection connection, String from, String to) {
        return connection
                .preparedQuery("insert into cohort (tenant, id, pair, policy)"
                        + " select tenant, $2, pair, policy from cohort where id = $1 on conflict do nothing")
                .execute(Tuple.of(from, to))
                .chain(() -> CohortRows.lock(connection, to))
                .chain(() -> connection
                        .preparedQuery("insert into adaptation_loop (tenant, cohort, model_digest, foundation_digest)"
                                + " select c.tenant, c.id, p.edge_digest, p.foundation_digest from cohort c"
                                + " join model_pair p on p.tenant = c.tenant and p.id = c.pair"
                                + " where c.id = $1 on conflict do nothing")
                        .execute(Tuple.of(to)))
                .replaceWithVoid();
    }
}
