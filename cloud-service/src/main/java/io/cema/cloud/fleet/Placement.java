package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.fleet.label.LabelSelector;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.persistence.OneByOne;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which cohort a device is in. A cohort's list beats every selector; of the selectors that match, the one of the cohort
 * with the smallest priority wins, then the oldest cohort's. A device that moves gets its new desired state in the same
 * transaction, and with it the new topics.
 */
@ApplicationScoped
class Placement {
    private final DesiredStates desired;
    private final LiveEvents live;

    /** A cohort that follows labels. */
    private record Rule(String cohort, LabelSelector selector) {}

    Placement(DesiredStates desired, LiveEvents live) {
        this.desired = desired;
        this.live = live;
    }

    /**
     * First in each transaction that changes labels, selectors or lists, before any device's row: such transactions of a
     * tenant follow one another, so that none decides by what another is about to change.
     */
    Uni<Void> lock(SqlConnection connection) {
        return connection
                .query("select pg_advisory_xact_lock(hashtext('cema.placement'),"
                        + " hashtext(current_setting('cema.tenant')))")
                .execute()
                .replaceWithVoid();
    }

    /** Moves those of the devices that are on no list to where the selectors say. */
    Uni<Void> settle(SqlConnection connection, Collection<String> devices) {
        return devices.isEmpty()
                ? Uni.createFrom().voidItem()
                : rules(connection).chain(rules -> connection
                        .preparedQuery("select id, cohort, labels from device where id = any($1) and status = 'ACTIVE'"
                                + " and (cohort is null or selected) order by id for update")
                        .execute(Tuple.of(devices.toArray(String[]::new)))
                        .chain(rows -> OneByOne.each(
                                movesByTarget(rules, rows).entrySet(),
                                moves -> move(connection, moves.getValue(), moves.getKey(), true))));
    }

    /** By the cohort they go to: the devices that are not there yet, each with where it is. */
    private static Map<Optional<String>, Map<String, Optional<String>>> movesByTarget(
            List<Rule> rules, RowSet<Row> rows) {
        Map<Optional<String>, Map<String, Optional<String>>> moves = new LinkedHashMap<>();
        for (Row row : rows) {
            Map<String, String> labels = labels(row);
            Optional<String> target = rules.stream()
                    .filter(rule -> rule.selector().matches(labels))
                    .map(Rule::cohort)
                    .findFirst();
            Optional<String> present = Optional.ofNullable(row.getString("cohort"));
            if (!target.equals(present)) {
                moves.computeIfAbsent(target, cohort -> new LinkedHashMap<>()).put(row.getString("id"), present);
            }
        }
        return moves;
    }

    /**
     * Settles all whom a cohort's new selector may concern: those it holds by the one before, and those the new one picks.
     */
    Uni<Void> settleAround(SqlConnection connection, String cohort, Optional<LabelSelector> selector) {
        QueryConditions conditions = new QueryConditions();
        String held = "d.selected and d.cohort = " + conditions.parameter(cohort);
        conditions.and(selector.map(s -> "(" + held + ") or ((d.selected or d.cohort is null) and "
                        + s.sql("d", conditions::parameter) + ")")
                .orElse(held));
        return connection
                .preparedQuery("select d.id from device d" + conditions.where())
                .execute(conditions.values())
                .chain(rows -> {
                    List<String> devices = new ArrayList<>();
                    rows.forEach(row -> devices.add(row.getString("id")));
                    return settle(connection, devices);
                });
    }

    /**
     * Moves devices, whose rows the caller has locked, and tells them.
     *
     * @param from where each device is
     * @param bySelector whether a selector decided; else a list
     */
    Uni<Void> move(
            SqlConnection connection, Map<String, Optional<String>> from, Optional<String> to, boolean bySelector) {
        Map<String, JsonObject> told = new LinkedHashMap<>();
        from.forEach((device, cohort) -> told.put(
                "devices/" + device,
                new JsonObject()
                        .put("from", cohort.orElse(null))
                        .put("to", to.orElse(null))
                        .put("by", bySelector ? Device.SELECTOR : Device.LIST)));
        return connection
                .preparedQuery("update device set cohort = $2, selected = $3, version = version + 1 where id = any($1)")
                .execute(Tuple.of(from.keySet().toArray(String[]::new), to.orElse(null), bySelector && to.isPresent()))
                .chain(() -> desired.publish(connection, from.keySet()))
                .chain(() -> live.append(connection, "device.moved", told));
    }

    private static Uni<List<Rule>> rules(SqlConnection connection) {
        return connection
                .query("select id, selector from cohort where selector is not null order by priority, created_at, id")
                .execute()
                .map(rows -> {
                    List<Rule> rules = new ArrayList<>();
                    rows.forEach(row ->
                            rules.add(new Rule(row.getString("id"), LabelSelector.parse(row.getString("selector")))));
                    return rules;
                });
    }

    /** The column {@code labels}. */
    static Map<String, String> labels(Row row) {
        Map<String, String> labels = new HashMap<>();
        row.getJsonObject("labels").forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        return labels;
    }
}
