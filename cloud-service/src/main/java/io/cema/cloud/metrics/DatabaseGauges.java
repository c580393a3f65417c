package io.cema.cloud.metrics;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Gauges of one feature that only the database knows; a bean of each is asked by {@link DatabaseLook}. */
public interface DatabaseGauges {
    /** Reads what the gauges show from now on. In a transaction of the tenant; must be cheap. */
    Uni<Void> look(SqlConnection connection);
}
