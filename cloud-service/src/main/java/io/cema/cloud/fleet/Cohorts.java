package io.cema.cloud.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.adaptation.CohortPolicy;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.fleet.label.LabelSelector;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ModelPair;
import io.cema.cloud.model.ModelPairs;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes cohorts and changes their rules. Each change writes the rows and the desired state of every device it concerns in
 * one transaction. The cohort's row is locked by every change, so changes of one cohort follow one another.
 */
@ApplicationScoped
class Cohorts {
    private final TenantDatabase database;
    private final ModelPairs pairs;
    private final CohortRows rows;
    private final CohortMembers members;
    private final Placement placement;
    private final DesiredStates desired;
    private final LiveEvents live;

    Cohorts(
            TenantDatabase database,
            ModelPairs pairs,
            CohortRows rows,
            CohortMembers members,
            Placement placement,
            DesiredStates desired,
            LiveEvents live) {
        this.database = database;
        this.pairs = pairs;
        this.rows = rows;
        this.members = members;
        this.placement = placement;
        this.desired = desired;
        this.live = live;
    }

    /** Creates it with its loop and its devices; fails with 400, 404, 409 or 422. */
    Uni<Cohort> create(String tenant, NewCohort cohort) {
        requireValid(cohort.policy());
        Optional<LabelSelector> selector = cohort.selector().map(LabelSelector::parse);
        return database.inTransaction(tenant, connection -> placement
                .lock(connection)
                .chain(() -> pairs.find(connection, cohort.pair()))
                .call(() -> insert(connection, cohort, selector))
                .call(pair -> insertLoop(connection, cohort.id(), pair))
                .chain(() -> members.enlist(connection, cohort.id(), cohort.devices()))
                .chain(() -> settle(connection, cohort.id(), selector))
                .chain(() -> tell(connection, "cohort.created", cohort.id()))
                .chain(() -> rows.find(connection, cohort.id())));
    }

    /** Replaces the policy and tells every device; fails with 404, 412 or 422. */
    Uni<Cohort> changePolicy(String tenant, String id, Optional<String> ifMatch, JsonNode policy) {
        requireValid(policy);
        return change(tenant, id, ifMatch, connection -> connection
                .preparedQuery("update cohort set policy = $2, version = version + 1 where id = $1")
                .execute(Tuple.of(id, new JsonObject(policy.toString())))
                .chain(() -> rows.find(connection, id))
                .chain(cohort -> desired.publish(connection, cohort.devices())));
    }

    /** Replaces the selector and moves every device it concerns; fails with 400, 404 or 412. */
    Uni<Cohort> changeSelector(String tenant, String id, Optional<String> ifMatch, CohortSelector wanted) {
        Optional<LabelSelector> selector = wanted.selector().map(LabelSelector::parse);
        return change(tenant, id, ifMatch, connection -> connection
                .preparedQuery("update cohort set selector = $2, priority = $3, version = version + 1 where id = $1")
                .execute(Tuple.of(id, selector.map(LabelSelector::toString).orElse(null), wanted.priority()))
                .chain(() -> placement.settleAround(connection, id, selector)));
    }

    private Uni<Cohort> change(
            String tenant, String id, Optional<String> ifMatch, Function<SqlConnection, Uni<Void>> work) {
        return database.inTransaction(tenant, connection -> placement
                .lock(connection)
                .chain(() -> CohortRows.lock(connection, id))
                .invoke(version -> EntityTags.requireMatch(ifMatch, version))
                .chain(() -> work.apply(connection))
                .chain(() -> tell(connection, "cohort.changed", id))
                .chain(() -> rows.find(connection, id)));
    }

    /** Every section must be one its reader can take: a wrong policy is refused here, not found by a loop later. */
    private static void requireValid(JsonNode policy) {
        DevicePolicy.of(policy);
        try {
            CohortPolicy.parse(policy.toString());
        } catch (IllegalArgumentException e) {
            throw ProblemException.unprocessable("invalid-policy", "The policy is not valid", e.getMessage());
        }
    }

    private static Uni<Void> insert(SqlConnection connection, NewCohort cohort, Optional<LabelSelector> selector) {
        return connection
                .preparedQuery("insert into cohort (tenant, id, pair, policy, selector, priority)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5) on conflict do nothing")
                .execute(Tuple.of(
                        cohort.id(),
                        cohort.pair(),
                        new JsonObject(cohort.policy().toString()),
                        selector.map(LabelSelector::toString).orElse(null),
                        cohort.priority()))
                .invoke(inserted -> {
                    if (inserted.rowCount() == 0) {
                        throw ProblemException.conflict("a cohort " + cohort.id() + " exists already");
                    }
                })
                .replaceWithVoid();
    }

    /** Revisions go on where a cohort of this id ended: a device that was in it refuses what it has accepted. */
    private static Uni<Void> insertLoop(SqlConnection connection, String cohort, ModelPair pair) {
        return connection
                .preparedQuery("insert into adaptation_loop (tenant, cohort, model_digest, foundation_digest,"
                        + " next_revision) values (current_setting('cema.tenant'), $1, $2, $3,"
                        + " (select coalesce(max(revision), 0) + 1 from publication"
                        + " where cohort = $1 and model_digest = $2)) on conflict do nothing")
                .execute(Tuple.of(cohort, pair.edge(), pair.foundation()))
                .replaceWithVoid();
    }

    private Uni<Void> settle(SqlConnection connection, String cohort, Optional<LabelSelector> selector) {
        return selector.isEmpty() ? Uni.createFrom().voidItem() : placement.settleAround(connection, cohort, selector);
    }

    private Uni<Void> tell(SqlConnection connection, String type, String cohort) {
        return live.append(connection, type, "cohorts/" + cohort, new JsonObject());
    }
}
