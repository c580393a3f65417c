package io.cema.cloud.fleet;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** What must end with a device. A feature that gave it something implements this; the fleet calls it. */
public interface DeviceDeparture {
    /** In the transaction of the decommissioning, before the device's row is locked. */
    Uni<Void> leave(SqlConnection connection, String device);

    /** After its commit. What fails here must come right by itself later. */
    default Uni<Void> left(String device) {
        return Uni.createFrom().voidItem();
    }
}
