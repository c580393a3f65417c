package io.cema.cloud.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.adaptation.CohortPolicy;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ModelPair;
import io.cema.cloud.model.ModelPairs;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The cohorts. Each change writes the rows and the desired state of every device it concerns in one transaction. The
 * cohort's row is locked by every change, so changes of one cohort follow one another.
 */
@ApplicationScoped
class Cohorts {
    private static final String SELECT = "select c.id, c.pair, c.policy, coalesce((select array_agg(d.id order by d.id)"
            + " from device d where d.tenant = c.tenant and d.cohort = c.id), '{}') as devices from cohort c";

    private final TenantDatabase database;
    private final ModelPairs pairs;
    private final DesiredStates desired;
    private final ObjectMapper json;

    Cohorts(TenantDatabase database, ModelPairs pairs, DesiredStates desired, ObjectMapper json) {
        this.database = database;
        this.pairs = pairs;
        this.desired = desired;
        this.json = json;
    }

    /** Creates it with its loop and its devices; fails with 404, 409 or 422. */
    Uni<Cohort> create(String tenant, Cohort cohort) {
        requireValid(cohort.policy());
        return database.inTransaction(tenant, connection -> pairs.find(connection, cohort.pair())
                .call(() -> insert(connection, cohort))
                .call(pair -> insertLoop(connection, cohort.id(), pair))
                .chain(() -> each(cohort.devices(), device -> enrol(connection, cohort.id(), device)))
                .chain(() -> find(connection, cohort.id())));
    }

    /** Fails with 404. */
    Uni<Cohort> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> find(connection, id));
    }

    Uni<List<Cohort>> list(String tenant, int limit, int offset) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(SELECT + " order by c.id limit $1 offset $2")
                .execute(Tuple.of(limit, offset))
                .map(rows -> {
                    List<Cohort> cohorts = new ArrayList<>();
                    rows.forEach(row -> cohorts.add(cohort(row)));
                    return cohorts;
                }));
    }

    /** Puts the device into the cohort, out of the one it may have been in. */
    Uni<Cohort> addDevice(String tenant, String id, String device) {
        return database.inTransaction(tenant, connection -> lock(connection, id)
                .chain(() -> move(connection, id, device))
                .chain(() -> desired.publish(connection, device))
                .chain(() -> find(connection, id)));
    }

    /** Takes the device out of the cohort: its desired state has no slot then. */
    Uni<Cohort> removeDevice(String tenant, String id, String device) {
        return database.inTransaction(tenant, connection -> lock(connection, id)
                .chain(() -> connection
                        .preparedQuery("update device set cohort = null where id = $1 and cohort = $2")
                        .execute(Tuple.of(device, id)))
                .invoke(rows -> {
                    if (rows.rowCount() == 0) {
                        throw ProblemException.notFound("device " + device + " is not in cohort " + id);
                    }
                })
                .chain(() -> desired.publish(connection, device))
                .chain(() -> find(connection, id)));
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

    /** Replaces the policy and tells every device. */
    Uni<Cohort> changePolicy(String tenant, String id, JsonNode policy) {
        requireValid(policy);
        return database.inTransaction(tenant, connection -> lock(connection, id)
                .chain(() -> connection
                        .preparedQuery("update cohort set policy = $2 where id = $1")
                        .execute(Tuple.of(id, new JsonObject(policy.toString()))))
                .chain(() -> find(connection, id))
                .call(cohort -> each(cohort.devices(), device -> desired.publish(connection, device))));
    }

    private static Uni<Void> insert(SqlConnection connection, Cohort cohort) {
        return connection
                .preparedQuery("insert into cohort (tenant, id, pair, policy)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict do nothing")
                .execute(Tuple.of(
                        cohort.id(),
                        cohort.pair(),
                        new JsonObject(cohort.policy().toString())))
                .invoke(rows -> {
                    if (rows.rowCount() == 0) {
                        throw ProblemException.conflict("a cohort " + cohort.id() + " exists already");
                    }
                })
                .replaceWithVoid();
    }

    private static Uni<Void> insertLoop(SqlConnection connection, String cohort, ModelPair pair) {
        return connection
                .preparedQuery("insert into adaptation_loop (tenant, cohort, model_digest, foundation_digest)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3) on conflict do nothing")
                .execute(Tuple.of(cohort, pair.edge(), pair.foundation()))
                .replaceWithVoid();
    }

    /** Only a device that is in no other cohort: creating a cohort does not take devices away from another. */
    private Uni<Void> enrol(SqlConnection connection, String cohort, String device) {
        return connection
                .preparedQuery("select cohort from device where id = $1 and cohort <> $2 for update")
                .execute(Tuple.of(device, cohort))
                .invoke(rows -> rows.forEach(row -> {
                    throw ProblemException.conflict("device " + device + " is in cohort " + row.getString("cohort")
                            + "; move it by PUT /api/v1/cohorts/" + cohort + "/devices/" + device
                            + " once the cohort exists");
                }))
                .chain(() -> move(connection, cohort, device))
                .chain(() -> desired.publish(connection, device));
    }

    private static Uni<Void> move(SqlConnection connection, String cohort, String device) {
        return connection
                .preparedQuery("insert into device (tenant, id, cohort) values (current_setting('cema.tenant'), $1, $2)"
                        + " on conflict (tenant, id) do update set cohort = excluded.cohort")
                .execute(Tuple.of(device, cohort))
                .replaceWithVoid();
    }

    /** Fails with 404. */
    static Uni<Void> lock(SqlConnection connection, String id) {
        return connection
                .preparedQuery("select 1 from cohort where id = $1 for update")
                .execute(Tuple.of(id))
                .invoke(rows -> {
                    if (rows.size() == 0) {
                        throw missing(id);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Cohort> find(SqlConnection connection, String id) {
        return connection
                .preparedQuery(SELECT + " where c.id = $1")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw missing(id);
                    }
                    return cohort(rows.iterator().next());
                });
    }

    private static ProblemException missing(String id) {
        return ProblemException.notFound("no cohort " + id + " exists; create it with POST /api/v1/cohorts");
    }

    private static Uni<Void> each(List<String> devices, Function<String, Uni<Void>> work) {
        return Multi.createFrom()
                .iterable(devices)
                .onItem()
                .transformToUniAndConcatenate(work::apply)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Cohort cohort(Row row) {
        try {
            return new Cohort(
                    row.getString("id"),
                    row.getString("pair"),
                    Arrays.asList(row.getArrayOfStrings("devices")),
                    json.readTree(row.getJsonObject("policy").encode()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the stored policy of cohort " + row.getString("id") + " cannot be read", e);
        }
    }
}
