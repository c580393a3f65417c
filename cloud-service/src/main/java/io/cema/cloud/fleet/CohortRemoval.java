package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Ends cohorts. The loop goes and its retained updates are cleared; versions, publications and samples stay as they are:
 * a cohort of the same id would go on with the next revision.
 */
@ApplicationScoped
class CohortRemoval {
    private static final String FOREIGN_KEY_VIOLATION = "23503";
    private static final String UPDATES = "'cema/v1/' || current_setting('cema.tenant') || '/c/' || $1 || '/'";

    private final TenantDatabase database;
    private final CohortRows rows;
    private final Placement placement;
    private final DeviceSlots slots;
    private final Outbox outbox;
    private final LiveEvents live;

    CohortRemoval(
            TenantDatabase database,
            CohortRows rows,
            Placement placement,
            DeviceSlots slots,
            Outbox outbox,
            LiveEvents live) {
        this.database = database;
        this.rows = rows;
        this.placement = placement;
        this.slots = slots;
        this.outbox = outbox;
        this.live = live;
    }

    /**
     * Fails with 404, 412, or 409 while devices are in it or something else needs it.
     *
     * @param force its devices go where other selectors say, or have no slot
     */
    Uni<Void> remove(String tenant, String id, Optional<String> ifMatch, boolean force) {
        return database.inTransaction(tenant, connection -> placement
                        .lock(connection)
                        .chain(() -> CohortRows.lock(connection, id))
                        .invoke(version -> EntityTags.requireMatch(ifMatch, version))
                        .chain(() -> rows.find(connection, id))
                        .invoke(cohort -> requireEmpty(cohort, force))
                        .chain(cohort -> release(connection, cohort))
                        .chain(() -> clearUpdates(connection, id))
                        .chain(() -> delete(connection, "delete from adaptation_loop where cohort = $1", id))
                        .chain(() -> delete(connection, "delete from cohort where id = $1", id))
                        .chain(() -> live.append(connection, "cohort.deleted", "cohorts/" + id, new JsonObject())))
                .onFailure(CohortRemoval::needed)
                .transform(e -> ProblemException.conflict("cohort " + id + " is needed by something that goes on: "
                        + e.getMessage() + "; end that first"));
    }

    private static void requireEmpty(Cohort cohort, boolean force) {
        if (!force && !cohort.devices().isEmpty()) {
            throw ProblemException.conflict("cohort " + cohort.id() + " has "
                    + cohort.devices().size() + " devices; move them, or say ?force=true: they go where other selectors"
                    + " say, and have no model where none does");
        }
    }

    private Uni<Void> release(SqlConnection connection, Cohort cohort) {
        return connection
                .preparedQuery("update cohort set selector = null where id = $1")
                .execute(Tuple.of(cohort.id()))
                .chain(() -> connection
                        .preparedQuery("update device set selected = true where cohort = $1")
                        .execute(Tuple.of(cohort.id())))
                .chain(() -> placement.settle(connection, cohort.devices()))
                .chain(() -> slots.removeAll(connection, cohort.id()));
    }

    private Uni<Void> clearUpdates(SqlConnection connection, String id) {
        return connection
                .preparedQuery("select topic from retained_topic where starts_with(topic, " + UPDATES + ")")
                .execute(Tuple.of(id))
                .chain(found -> OneByOne.each(found, row -> outbox.clear(connection, row.getString("topic"))));
    }

    private static Uni<Void> delete(SqlConnection connection, String sql, String id) {
        return connection.preparedQuery(sql).execute(Tuple.of(id)).replaceWithVoid();
    }

    private static boolean needed(Throwable failure) {
        return failure instanceof PgException e && FOREIGN_KEY_VIOLATION.equals(e.getSqlState());
    }
}
