package io.cema.cloud.persistence;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * Brings the schema up to date, however long the database takes to appear: one thread tries again with back-off until
 * it worked or the process ends. Everything else asks {@link #done()}; the process never exits for a missing database.
 */
@ApplicationScoped
public class SchemaMigration {
    private static final Logger LOG = Logger.getLogger(SchemaMigration.class);
    private static final Duration FIRST_DELAY = Duration.ofMillis(250);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

    private final Flyway flyway;
    private final Event<SchemaReady> ready;
    private final Thread thread = new Thread(this::migrateWithPatience, "cema-migration");
    private volatile boolean done;
    private volatile String state = "not tried yet";

    SchemaMigration(Flyway flyway, Event<SchemaReady> ready) {
        this.flyway = flyway;
        this.ready = ready;
    }

    /** True once every migration is in. */
    public boolean done() {
        return done;
    }

    /** For people: what stands in the way, or the schema's version. */
    public String state() {
        return state;
    }

    void start(@Observes @Priority(100) StartupEvent event) {
        thread.setDaemon(true);
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void migrateWithPatience() {
        Duration delay = FIRST_DELAY;
        while (!migrated(delay)) {
            try {
                Thread.sleep(delay.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            delay = delay.multipliedBy(2).compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay.multipliedBy(2);
        }
        LOG.infof("database ready: %s", state);
        ready.fire(new SchemaReady());
    }

    private boolean migrated(Duration delay) {
        try {
            String version = flyway.migrate().targetSchemaVersion;
            state = "schema " + (version == null ? "up to date" : "at version " + version);
            done = true;
        } catch (RuntimeException e) {
            state = rootMessage(e);
            LOG.warnf("database not ready, trying again in %d ms: %s", delay.toMillis(), state);
        }
        return done;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }
}
