package io.cema.cloud.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.fleet.label.LabelSelector;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.http.SortOrder;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads and locks cohorts. */
@ApplicationScoped
class CohortRows {
    private static final String SELECT = "select c.id, c.pair, c.policy, c.selector, c.priority, c.version,"
            + " c.created_at, coalesce((select array_agg(s.device order by s.device) from device_slot s"
            + " where s.tenant = c.tenant and s.cohort = c.id), '{}') as devices from cohort c";
    private static final SortOrder ORDER = SortOrder.byUnique("id", "c.id")
            .with("createdAt", "c.created_at")
            .with("pair", "c.pair")
            .with("priority", "c.priority");
    private static final int MOST_OUTVOTED = 100;

    private final TenantDatabase database;
    private final ObjectMapper json;

    CohortRows(TenantDatabase database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /** With those outvoted; fails with 404. */
    Uni<Cohort> find(String tenant, String id) {
        return database.inTransaction(tenant, connection -> find(connection, id)
                .chain(cohort -> outvoted(connection, cohort).map(cohort::with)));
    }

    Uni<Cohort> find(SqlConnection connection, String id) {
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

    /**
     * @param prefix of the id
     * @param device only the cohort it is in
     */
    Uni<List<Cohort>> list(
            String tenant,
            Optional<String> pair,
            Optional<String> prefix,
            Optional<String> device,
            String sort,
            int limit,
            int offset) {
        QueryConditions conditions = new QueryConditions()
                .when(pair, p -> "c.pair = " + p)
                .when(prefix, p -> "starts_with(c.id, " + p + ")")
                .when(
                        device,
                        p -> "exists (select 1 from device_slot s where s.tenant = c.tenant and s.cohort = c.id"
                                + " and s.device = " + p + ")");
        String sql = SELECT + conditions.where() + ORDER.orderBy(sort) + conditions.page(limit, offset);
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(sql)
                .execute(conditions.values())
                .map(rows -> {
                    List<Cohort> cohorts = new ArrayList<>();
                    rows.forEach(row -> cohorts.add(cohort(row)));
                    return cohorts;
                }));
    }

    private static Uni<List<Cohort.Outvoted>> outvoted(SqlConnection connection, Cohort cohort) {
        if (cohort.selector().isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        QueryConditions conditions = new QueryConditions();
        conditions.and(LabelSelector.parse(cohort.selector().get()).sql("d", conditions::parameter));
        conditions.and("d.cohort <> " + conditions.parameter(cohort.id()));
        conditions.and("not exists (select 1 from device_slot s where s.tenant = d.tenant and s.device = d.id"
                + " and s.cohort = " + conditions.parameter(cohort.id()) + ")");
        return connection
                .preparedQuery("select d.id, d.cohort, d.selected from device d" + conditions.where() + " order by d.id"
                        + conditions.page(MOST_OUTVOTED, 0))
                .execute(conditions.values())
                .map(rows -> {
                    List<Cohort.Outvoted> elsewhere = new ArrayList<>();
                    rows.forEach(row -> elsewhere.add(new Cohort.Outvoted(
                            row.getString("id"),
                            row.getString("cohort"),
                            row.getBoolean("selected") ? Device.SELECTOR : Device.LIST)));
                    return elsewhere;
                });
    }

    /**
     * Keeps it from changing until the transaction ends; devices may still come and go.
     *
     * @return its version; fails with 404
     */
    static Uni<Long> lock(SqlConnection connection, String id) {
        return connection
                .preparedQuery("select version from cohort where id = $1 for no key update")
                .execute(Tuple.of(id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw missing(id);
                    }
                    return rows.iterator().next().getLong(0);
                });
    }

    private static ProblemException missing(String id) {
        return ProblemException.notFound("no cohort " + id + " exists; create it with POST /api/v1/cohorts");
    }

    private Cohort cohort(Row row) {
        try {
            return new Cohort(
                    row.getString("id"),
                    row.getString("pair"),
                    Arrays.asList(row.getArrayOfStrings("devices")),
                    Optional.ofNullable(row.getString("selector")),
                    row.getInteger("priority"),
                    json.readTree(row.getJsonObject("policy").encode()),
                    row.getLong("version"),
                    row.getOffsetDateTime("created_at").toInstant(),
                    Optional.empty());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the stored policy of cohort " + row.getString("id") + " cannot be read", e);
        }
    }
}
