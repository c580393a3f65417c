package io.cema.cloud.event;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * What happens, as it happens, for those who watch. Written in the transaction of what it tells of, so that nothing is told
 * that was not done; a listener of any replica wakes at the commit.
 */
@ApplicationScoped
public class LiveEvents {
    /** PostgreSQL's notification channel; the payload is the tenant. */
    static final String NOTIFICATION = "cema_live_event";

    private final LiveEventMeters meters;

    LiveEvents(LiveEventMeters meters) {
        this.meters = meters;
    }

    /**
     * @param type what happened, in lower case with dots: {@code rollout.promoted}, {@code device.online}
     * @param subject what it happened to, as its path below {@code /api/v1}: {@code devices/camera-1}
     * @param data what a page shows without asking again; small
     */
    public Uni<Void> append(SqlConnection connection, String type, String subject, JsonObject data) {
        return connection
                .preparedQuery("insert into live_event (tenant, type, subject, data)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3)")
                .execute(Tuple.of(type, subject, data))
                .chain(() -> connection
                        .preparedQuery("select pg_notify($1, current_setting('cema.tenant'))")
                        .execute(Tuple.of(NOTIFICATION)))
                .invoke(() -> meters.happened(type))
                .replaceWithVoid();
    }
}
