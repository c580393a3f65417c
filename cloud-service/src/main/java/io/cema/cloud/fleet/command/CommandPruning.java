package io.cema.cloud.fleet.command;

import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Forgets commands that ended long ago; open ones stay, however old. Every replica does; two at once do no harm. */
@ApplicationScoped
class CommandPruning {
    private static final Logger LOG = Logger.getLogger(CommandPruning.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** At a time, so that no transaction lasts long. */
    private static final int BATCH = 1000;

    private static final String DELETE = "delete from device_command where id in (select id from device_command"
            + " where ended_at < $1 order by ended_at limit " + BATCH + ")";

    private final TenantDatabase database;
    private final CommandSettings settings;
    private final ServiceClock clock;
    private final String tenant;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-command-pruning");

    CommandPruning(
            TenantDatabase database,
            CommandSettings settings,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.settings = settings;
        this.clock = clock;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        if (settings.keepEnded().compareTo(Duration.ZERO) <= 0) {
            throw new IllegalArgumentException(
                    "cema.commands.keep-ended must be longer than nothing, is " + settings.keepEnded());
        }
        long period = settings.pruningInterval().toMillis();
        timer.scheduleWithFixedDelay(this::pruneWithPatience, 0, period, TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /**
     * Forgets what has ended for so long by now. Blocks.
     *
     * @return how many
     */
    int prune() {
        Tuple before = Tuple.of(OffsetDateTime.ofInstant(clock.instant().minus(settings.keepEnded()), ZoneOffset.UTC));
        int all = 0;
        int batch = BATCH;
        while (batch == BATCH) {
            batch = database.inTransaction(tenant, connection -> connection
                            .preparedQuery(DELETE)
                            .execute(before)
                            .map(RowSet::rowCount))
                    .await()
                    .atMost(PATIENCE);
            all += batch;
        }
        return all;
    }

    private void pruneWithPatience() {
        try {
            int pruned = prune();
            if (pruned > 0) {
                LOG.infof("%d commands that ended more than %s ago are forgotten", pruned, settings.keepEnded());
            }
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.warnf("old commands are not forgotten, trying again: %s", e.getMessage());
        }
    }
}
