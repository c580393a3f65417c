package io.cema.cloud.drift;

import io.cema.cloud.drift.DriftRepository.Found;
import io.cema.cloud.drift.DriftStream.Outcome;
import io.cema.cloud.drift.DriftStream.Phase;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.cloud.persistence.ServiceClock;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Watches whole cohorts: an observation is the mean of its devices' newest ranks. Also ends what belongs to devices that left
 * their cohort. Every replica looks once an interval, one at a time.
 */
@ApplicationScoped
class CohortDrift {
    private static final Logger LOG = Logger.getLogger(CohortDrift.class);
    private static final long SHORTEST_PERIOD_MILLIS = 200;
    /** Of the devices that the reference had, so many must be there: a mean of fewer varies more. */
    private static final double MOST_OF_THEM = 0.75;

    /** Observations that are newer than the cohort's last one; a last one that is still to come is of a clock that was wrong. */
    private static final String RANKS = "select t.cohort, t.signal, avg(t.rank) as rank, count(*) as devices"
            + " from drift_stream t left join drift_stream c on c.tenant = t.tenant and c.cohort = t.cohort"
            + " and c.device = '' and c.signal = t.signal where t.device <> '' and t.rank is not null"
            + " and (c.observed_at is null or c.observed_at > now() + interval '1 hour' or (t.observed_at > c.observed_at"
            + " and c.observed_at <= now() - $2 * interval '1 second'))"
            + " group by t.cohort, t.signal having count(*) >= $1 order by t.cohort, t.signal";

    private static final String GONE = "delete from drift_stream t where t.device <> '' and not exists (select 1 from"
            + " device_slot s where s.tenant = t.tenant and s.device = t.device and s.cohort = t.cohort)"
            + " returning cohort, device, signal";

    private final Vertx vertx;
    private final TenantDatabase database;
    private final DriftRepository repository;
    private final DriftThreshold threshold;
    private final DriftAlarms alarms;
    private final RefusedUpdates refused;
    private final DriftSettings settings;
    private final ServiceClock clock;
    private final String tenant;
    private volatile Long timer;

    CohortDrift(
            Vertx vertx,
            TenantDatabase database,
            DriftRepository repository,
            DriftThreshold threshold,
            DriftAlarms alarms,
            RefusedUpdates refused,
            DriftSettings settings,
            ServiceClock clock,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.vertx = vertx;
        this.database = database;
        this.repository = repository;
        this.threshold = threshold;
        this.alarms = alarms;
        this.refused = refused;
        this.settings = settings;
        this.clock = clock;
        this.tenant = tenant;
    }

    void start(@Observes SchemaReady ready) {
        if (settings.enabled()) {
            long period = Math.max(SHORTEST_PERIOD_MILLIS, settings.interval().toMillis());
            timer = vertx.setPeriodic(period, id -> look().subscribe()
                    .with(done -> {}, e -> LOG.debugf("cohorts are looked at again later: %s", e.getMessage())));
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    Uni<Void> look() {
        return database.inTransactionOfOne(tenant, "cema.drift", connection -> forgetGone(connection)
                .chain(() -> threshold.now(connection))
                .chain(limit -> observe(connection, limit))
                .chain(() -> refused.look(connection)));
    }

    private Uni<Void> forgetGone(SqlConnection connection) {
        return connection
                .query(GONE)
                .execute()
                .chain(rows -> OneByOne.each(
                        rows,
                        row -> alarms.end(
                                connection,
                                new StreamKey(
                                        row.getString("cohort"),
                                        Optional.of(row.getString("device")),
                                        Signal.valueOf(row.getString("signal"))),
                                "the device left the cohort")));
    }

    private Uni<Void> observe(SqlConnection connection, double limit) {
        // A tenth less: the timer is not the clock.
        double seconds = 0.9 * settings.interval().toMillis() / 1000.0;
        return connection
                .preparedQuery(RANKS)
                .execute(Tuple.of((long) settings.minimumDevices(), seconds))
                .chain(rows -> OneByOne.each(rows, row -> observe(connection, row, limit)));
    }

    private Uni<Void> observe(SqlConnection connection, Row row, double limit) {
        String cohort = row.getString("cohort");
        Signal signal = Signal.valueOf(row.getString("signal"));
        Instant now = clock.instant();
        return repository.ofCohort(connection, cohort, signal).chain(found -> {
            StoredStream stored = found.filter(CohortDrift::goesOn)
                    .map(Found::stream)
                    .orElseGet(() -> new StoredStream(
                            new StreamKey(cohort, Optional.empty(), signal), "", "", StreamState.empty(), now, now));
            DriftStream stream = stored.state().stream();
            long devices = row.getLong("devices");
            long fewest = stream.reference().map(Reference::fewestFrames).orElse(0L);
            if (devices < MOST_OF_THEM * fewest) {
                return Uni.createFrom().voidItem();
            }
            Outcome outcome = stream.observe(
                    CohortScoring.INSTANCE, new double[] {row.getDouble("rank")}, devices, settings.reference(), limit);
            StoredStream after = stored.observed(stored.state(), now);
            return repository
                    .save(connection, List.of(after))
                    .chain(() -> alarms.tell(connection, after, outcome, limit));
        });
    }

    /** Where an operator cleared the alarm, it is how it is now. */
    private static boolean goesOn(Found found) {
        return found.alarmed() || found.stream().state().stream().phase() != Phase.DRIFTED;
    }
}
