package io.cema.cloud.event;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

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

    /** {@link #append(SqlConnection, String, Map)} of one subject. */
    public Uni<Void> append(SqlConnection connection, String type, String subject, JsonObject data) {
        return append(connection, type, Map.of(subject, data));
    }

    /**
     * The same of each subject.
     *
     * @param type what happened, in lower case with dots: {@code rollout.promoted}, {@code device.online}
     * @param data by what it happened to, as its path below {@code /api/v1}, {@code devices/camera-1}: what a page shows
     *     without asking again; small
     */
    public Uni<Void> append(SqlConnection connection, String type, Map<String, JsonObject> data) {
        List<String> subjects = List.copyOf(data.keySet());
        return connection
                .preparedQuery("with told as (insert into live_event (tenant, type, subject, data)"
                        + " select current_setting('cema.tenant'), $1, subject, data"
                        + " from unnest($2::text[], $3::jsonb[]) with ordinality as event (subject, data, place)"
                        + " order by place) select pg_notify('" + NOTIFICATION + "', current_setting('cema.tenant'))")
                .execute(Tuple.of(
                        type,
                        subjects.toArray(String[]::new),
                        subjects.stream().map(data::get).toArray(Object[]::new)))
                .invoke(() -> subjects.forEach(subject -> meters.happened(type)))
                .replaceWithVoid();
    }
}
