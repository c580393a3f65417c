package io.cema.cloud.fleet.release;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.Collection;

/** Tells devices what is wished of them, once the caller's transaction is committed. */
public interface DesiredStateSender {
    Uni<Void> publish(SqlConnection connection, Collection<String> devices);
}
