package io.cema.cloud.alarm;

import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Looks for devices that are away for long: they say nothing themselves. One alarm for a cohort, however many they are: a
 * network that fails takes hundreds. Also removes what was cleared long ago. Every replica looks, one at a time.
 */
@ApplicationScoped
class AwayWatch {
    private static final Logger LOG = Logger.getLogger(AwayWatch.class);
    private static final int MOST_NAMED = 20;

    /** $1: seconds. Of cohorts that have an alarm of it, also where nobody is away any more. */
    private static final String AWAY = "select c.id as cohort, count(d.id)::int as away, a.id is not null as open,"
            + " (select count(*)::int from device n where n.cohort = c.id and n.status = 'ACTIVE') as devices,"
            + " coalesce((array_agg(d.id order by d.id) filter (where d.id is not null))[1:" + MOST_NAMED
            + "], '{}') as named"
            + " from cohort c left join device d on d.cohort = c.id and d.status = 'ACTIVE'"
            + " and (d.online <> 'ONLINE' or d.silent) and d.seen_at < now() - $1 * interval '1 second'"
            + " left join alarm a on a.cohort = c.id and a.type = 'DEVICES_AWAY' and a.state <> 'CLEARED'"
            + " group by c.id, a.id having count(d.id) > 0 or a.id is not null";

    private final Vertx vertx;
    private final TenantDatabase database;
    private final Alarms alarms;
    private final AlarmSettings settings;
    private final String tenant;
    private volatile Long timer;

    AwayWatch(
            Vertx vertx,
            TenantDatabase database,
            Alarms alarms,
            AlarmSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.vertx = vertx;
        this.database = database;
        this.alarms = alarms;
        this.settings = settings;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady ready) {
        timer = vertx.setPeriodic(Math.max(1, settings.interval().toMillis()), id -> look().subscribe()
                .with(
                        done -> {},
                        e -> LOG.debugf("devices that are away are looked for again later: %s", e.getMessage())));
    }

    void stop(@Observes ShutdownEvent event) {
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    Uni<Void> look() {
        return database.inTransactionOfOne(
                tenant, "cema.away", connection -> compare(connection).chain(() -> prune(connection)));
    }

    private Uni<Void> compare(SqlConnection connection) {
        return connection
                .preparedQuery(AWAY)
                .execute(Tuple.of((double) settings.awayAfter().toSeconds()))
                .chain(rows -> OneByOne.each(rows, row -> tell(connection, row)));
    }

    private Uni<Void> tell(SqlConnection connection, Row row) {
        AlarmSubject subject = AlarmSubject.cohort(AlarmType.DEVICES_AWAY, row.getString("cohort"));
        int away = row.getInteger("away");
        if (away == 0) {
            return alarms.clear(connection, subject, "all are back");
        }
        String message = away + " of " + row.getInteger("devices") + " devices away for more than "
                + settings.awayAfter().toMinutes() + " minutes";
        JsonArray named = new JsonArray();
        for (String device : row.getArrayOfStrings("named")) {
            named.add(device);
        }
        JsonObject evidence = new JsonObject().put("away", away).put("devices", named);
        return row.getBoolean("open")
                ? alarms.describe(connection, subject, message, evidence)
                : alarms.raise(connection, subject, message, evidence).replaceWithVoid();
    }

    private Uni<Void> prune(SqlConnection connection) {
        return connection
                .preparedQuery("delete from alarm where state = 'CLEARED'"
                        + " and cleared_at < now() - $1 * interval '1 second'")
                .execute(Tuple.of((double) settings.kept().toSeconds()))
                .replaceWithVoid();
    }
}
