package io.cema.cloud.security;

import io.cema.cloud.fleet.SlotTopics;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.persistence.DatabaseNotifications;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.UpdateReaders;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The list of slots, which brokers hold devices to, as a file for a broker of this machine and in memory for others who fetch
 * it. Derived from the tables whenever the database says that they changed, many changes at once, and at intervals. It has no
 * end: a broker goes on with the last one while this service is away.
 */
@ApplicationScoped
class SlotList {
    private static final Logger LOG = Logger.getLogger(SlotList.class);
    private static final long LOOK_MILLIS = 200;
    /** How often the tables are read while the database's word would be lost. */
    private static final long UNTOLD_NANOS = 1_000_000_000;

    private final PlatformAuthority platform;
    private final TenantDatabase database;
    private final SlotTopics slots;
    private final DatabaseNotifications notifications;
    private final String tenant;
    private final long intervalNanos;
    private final AtomicBoolean changed = new AtomicBoolean(true);
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-slot-list");
    private volatile Published published;
    private long lookedAt; // of the timer's thread
    private String lastProblem = "";

    /** What was written last. */
    private record Published(String lines, String signed) {}

    SlotList(
            PlatformAuthority platform,
            TenantDatabase database,
            SlotTopics slots,
            DatabaseNotifications notifications,
            SecuritySettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.platform = platform;
        this.database = database;
        this.slots = slots;
        this.notifications = notifications;
        this.intervalNanos = settings.slotListRefresh().toNanos();
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady event) {
        if (platform.enabled()) {
            notifications.listen(SlotTopics.NOTIFICATION, whose -> {
                if (tenant.equals(whose)) {
                    changed.set(true);
                }
            });
            timer.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /** As it stands in the file; fails with 503 before the first one. */
    String signed() {
        platform.authority();
        Published last = published;
        if (last == null) {
            throw new ProblemException(
                    503, "no-list-yet", "Not ready", "the list of slots waits for the database; try again soon");
        }
        return last.signed();
    }

    /** What fails is tried again at the next look. */
    private void look() {
        boolean due = System.nanoTime() - lookedAt > (notifications.connected() ? intervalNanos : UNTOLD_NANOS);
        if (!changed.getAndSet(false) && !due) {
            return;
        }
        try {
            refresh();
            lookedAt = System.nanoTime();
            lastProblem = "";
        } catch (RuntimeException e) { // a timer that throws would never run again
            changed.set(true);
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                LOG.warnf("the list of slots is not refreshed, trying again: %s", problem);
                lastProblem = problem;
            }
        }
    }

    private void refresh() {
        UpdateReaders readers =
                database.inTransaction(tenant, slots::all).await().atMost(Duration.ofSeconds(30));
        String lines = readers.text();
        Published last = published;
        if (last != null
                && last.lines().equals(lines)
                && Files.exists(platform.folder().file(AuthorityFolder.SLOTS))) {
            return;
        }
        String signed = platform.authority().signedSlots(readers);
        try {
            platform.folder().writeSlots(signed);
        } catch (IOException e) {
            throw new UncheckedIOException("it cannot be written", e);
        }
        published = new Published(lines, signed);
        LOG.infof("list of slots written: %d devices", readers.devices());
    }
}
