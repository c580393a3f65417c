package io.cema.cloud.fleet.command;

import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Ends commands whose time is over. Every replica looks; each command is ended once. */
@ApplicationScoped
class CommandDeadlines {
    private static final Logger LOG = Logger.getLogger(CommandDeadlines.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

    /** One that was heard of since the command was given was there to get it. */
    private static final String END = "update device_command c set ended_at = now(),"
            + " state = case when d.seen_at >= c.created_at or d.online = 'ONLINE' then 'TIMED_OUT' else 'EXPIRED' end,"
            + " message = case when d.seen_at >= c.created_at or d.online = 'ONLINE'"
            + " then 'sent, but no answer came in time; whether it was obeyed is not known'"
            + " else 'the device was not heard of in time, and gets the command no more' end"
            + " from device d where d.tenant = c.tenant and d.id = c.device"
            + " and c.state = 'PENDING' and c.expires_at < now() returning c.id, c.device, c.state";

    private final TenantDatabase database;
    private final LiveEvents live;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-commands");

    CommandDeadlines(TenantDatabase database, LiveEvents live, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.live = live;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        timer.scheduleWithFixedDelay(this::endWithPatience, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void endWithPatience() {
        try {
            database.inTransaction(tenant, this::end).await().atMost(LONGEST_LOOK);
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.debugf("commands are ended later: %s", e.getMessage());
        }
    }

    private Uni<Void> end(SqlConnection connection) {
        return connection
                .query(END)
                .execute()
                .chain(rows -> OneByOne.each(
                        rows,
                        row -> tell(
                                live,
                                connection,
                                row.getString("device"),
                                row.getString("id"),
                                row.getString("state"))));
    }

    static Uni<Void> tell(LiveEvents live, SqlConnection connection, String device, String id, String state) {
        return live.append(
                connection,
                "command." + state.toLowerCase(Locale.ROOT).replace('_', '-'),
                "devices/" + device + "/commands/" + id,
                new JsonObject());
    }
}
