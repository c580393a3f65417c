package io.cema.cloud.fleet.release;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Tells a device what is wished of it, once the caller's transaction is committed. */
public interface DesiredStateSender {
    Uni<Void> publish(SqlConnection connection, String device);
}
