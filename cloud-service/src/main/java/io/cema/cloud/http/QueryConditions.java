package io.cema.cloud.http;

import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The conditions of a list's query. Values become numbered parameters ({@code $1}) and never part of the statement; the
 * statement's text comes from constants alone. For one thread.
 */
public final class QueryConditions {
    private final List<Object> values = new ArrayList<>();
    private final List<String> conditions = new ArrayList<>();

    /** Adds a value and returns what stands for it in the statement. */
    public String parameter(Object value) {
        values.add(value);
        return "$" + values.size();
    }

    /** All conditions must hold. */
    public QueryConditions and(String sql) {
        conditions.add(sql);
        return this;
    }

    /** A condition only where a value was given; {@code sql} gets its place in the statement. */
    public QueryConditions when(Optional<?> value, UnaryOperator<String> sql) {
        value.ifPresent(given -> and(sql.apply(parameter(given))));
        return this;
    }

    /** {@code where ...} with a space before it, or nothing. */
    public String where() {
        return conditions.isEmpty() ? "" : " where (" + String.join(") and (", conditions) + ")";
    }

    /** {@code limit ... offset ...} with a space before it. */
    public String page(int limit, int offset) {
        return " limit " + parameter(limit) + " offset " + parameter(offset);
    }

    /** The values, in the order of their numbers. */
    public Tuple values() {
        return Tuple.tuple(values);
    }
}
