package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.Patience;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Takes the fleet along after the database was put back from a backup. Devices hold revisions and desired states that this
 * database does not know; the raised epoch puts everything said from now on above them. One transaction tells all of it:
 * what each loop's devices are to run, with a floor that takes them off what they run now, and every desired state. Any
 * replica may do it, one does; a failure is tried again, and the service is not ready before it is done.
 */
@ApplicationScoped
class RestoredFleet {
    private static final Logger LOG = Logger.getLogger(RestoredFleet.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final TenantDatabase database;
    private final CohortUpdates updates;
    private final UpdatePublisher publisher;
    private final AuditLog audit;
    private final LiveEvents events;
    private final String tenant;
    private volatile boolean done;

    RestoredFleet(
            TenantDatabase database,
            CohortUpdates updates,
            UpdatePublisher publisher,
            AuditLog audit,
            LiveEvents events,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.database = database;
        this.updates = updates;
        this.publisher = publisher;
        this.audit = audit;
        this.events = events;
        this.tenant = tenant;
    }

    /** True once the fleet knows what this database knows. */
    boolean done() {
        return done;
    }

    void start(@Observes SchemaReady ready) {
        Patience.untilDatabaseAnswers(database.inTransaction(tenant, this::tellIfRestored))
                .onFailure()
                .invoke(e -> LOG.errorf(e, "the fleet was not told of the restored database, trying again"))
                .onFailure()
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .indefinitely()
                .subscribe()
                .with(unneeded -> {
                    done = true;
                    updates.delete(unneeded).subscribe().with(gone -> {}, e -> LOG.warnf("%s", e.getMessage()));
                });
    }

    private Uni<List<String>> tellIfRestored(SqlConnection connection) {
        return connection
                .query(
                        "select taken_at, (select epoch from system_state) as epoch from restored for update of restored")
                .execute()
                .chain(rows -> rows.size() == 0
                        ? Uni.createFrom().item(List.of())
                        : tell(connection, rows.iterator().next()));
    }

    private Uni<List<String>> tell(SqlConnection connection, Row restored) {
        String taken = restored.getOffsetDateTime("taken_at").toInstant().toString();
        long epoch = restored.getLong("epoch");
        List<String> unneeded = new ArrayList<>();
        return ids(connection, "select id from cohort order by id")
                .chain(cohorts -> OneByOne.each(
                        cohorts, cohort -> updates.tellAnew(connection, cohort).invoke(unneeded::addAll)))
                .chain(() -> ids(
                        connection,
                        "select id from device d where status = 'ACTIVE' and not exists (select 1 from device_slot s"
                                + " join adaptation_loop l on l.tenant = s.tenant and l.cohort = s.cohort"
                                + " where s.tenant = d.tenant and s.device = d.id) order by id"))
                .chain(devices -> publisher.tell(connection, devices))
                .chain(() -> audit.record(connection, Actor.service(), "RESTORE", "backup of " + taken, 200))
                .chain(() -> events.append(
                        connection,
                        "fleet.restored",
                        "fleet",
                        new JsonObject().put("backup", taken).put("epoch", epoch)))
                .chain(() -> connection.query("delete from restored").execute())
                .invoke(() ->
                        LOG.infof("restored from the backup of %s: the fleet is told anew, epoch %d", taken, epoch))
                .replaceWith(unneeded);
    }

    private static Uni<List<String>> ids(SqlConnection connection, String query) {
        return connection.query(query).execute().map(RestoredFleet::firstColumn);
    }

    private static List<String> firstColumn(RowSet<Row> rows) {
        List<String> ids = new ArrayList<>(rows.size());
        rows.forEach(row -> ids.add(row.getString(0)));
        return ids;
    }
}
