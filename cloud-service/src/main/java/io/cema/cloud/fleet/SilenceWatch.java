package io.cema.cloud.fleet;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Tells those who watch that devices fell silent, and that they speak again; many at once in one event. A silent device
 * says nothing itself, so a timer looks.
 */
@ApplicationScoped
class SilenceWatch {
    private static final Logger LOG = Logger.getLogger(SilenceWatch.class);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);
    private static final int MOST_SINGLE_EVENTS = 20;

    private final TenantDatabase database;
    private final LiveEvents live;
    private final FleetSettings settings;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-silence");

    SilenceWatch(
            TenantDatabase database,
            LiveEvents live,
            FleetSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.live = live;
        this.settings = settings;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        long period = Math.max(1, settings.telemetryInterval().toMillis() / 2);
        timer.scheduleWithFixedDelay(this::lookWithPatience, period, period, TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void lookWithPatience() {
        try {
            look().await().atMost(LONGEST_LOOK);
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.debugf("silent devices are looked for again later: %s", e.getMessage());
        }
    }

    /** Once, now. */
    Uni<Void> look() {
        double seconds = settings.silence().toMillis() / 1000.0;
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(marking("true", "not silent and seen_at < now() - $1 * interval '1 second'"))
                .execute(Tuple.of(seconds))
                .chain(rows -> tell(connection, "unknown", rows))
                .chain(() -> connection
                        .preparedQuery(marking("false", "silent and seen_at >= now() - $1 * interval '1 second'"))
                        .execute(Tuple.of(seconds)))
                .chain(rows -> tell(connection, "online", rows)));
    }

    /**
     * Passes over devices that another transaction is changing, until the next look: one that changes a whole cohort holds
     * them for seconds, and two that wait for each other's devices would never end.
     */
    private static String marking(String silent, String which) {
        return "update device d set silent = " + silent
                + " from (select tenant, id from device where online = 'ONLINE' and " + which
                + " for update skip locked) s where d.tenant = s.tenant and d.id = s.id returning d.id";
    }

    private Uni<Void> tell(SqlConnection connection, String presence, RowSet<Row> rows) {
        if (rows.size() > MOST_SINGLE_EVENTS) {
            JsonArray devices = new JsonArray();
            rows.forEach(row -> devices.add(row.getString("id")));
            return live.append(connection, "devices." + presence, "devices", new JsonObject().put("devices", devices));
        }
        return OneByOne.each(
                rows,
                row -> live.append(
                        connection, "device." + presence, "devices/" + row.getString("id"), new JsonObject()));
    }
}
