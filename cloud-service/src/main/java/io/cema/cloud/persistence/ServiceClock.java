package io.cema.cloud.persistence;

import io.cema.protocol.clock.UtcClock;
import io.cema.protocol.thread.DaemonThreads;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The time as the database has it: one clock for all processes of a service, that of the columns it is compared with. Whatever
 * erases, expires, signs or issues goes by it, and not by the clock of the machine, which may leap. Between two readings it
 * goes on with the machine's running time; before the first it is the machine's. A database whose clock leaps ahead by a day
 * or more is followed only after a day in which the leap was not taken back: it may stand on the same machine. Thread-safe.
 */
@Singleton
public class ServiceClock extends UtcClock {
    private static final Logger LOG = Logger.getLogger(ServiceClock.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Leaps ahead below this are followed at once. */
    static final Duration LEAP = Duration.ofDays(1);

    /** How long a leap must stand to be believed. */
    static final Duration BELIEF = Duration.ofDays(1);

    /** A machine's clock that is further off is told of. */
    static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final Pool pool;
    private final Clock machine;
    private final LongSupplier nanos;
    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-clock");
    private volatile Reading last;
    private Reading leapt;
    private Duration told = Duration.ZERO;

    /** What time it was when the running time was that. */
    private record Reading(Instant time, long nanos) {
        Instant at(long now) {
            return time.plusNanos(now - nanos);
        }
    }

    @Inject
    ServiceClock(Pool pool, MeterRegistry registry) {
        this(pool, Clock.systemUTC(), System::nanoTime);
        Gauge.builder("cema.clock.deviation", () -> deviation().toMillis() / 1000.0)
                .description("How far the machine's clock is ahead of the database's")
                .baseUnit("seconds")
                .register(registry);
    }

    ServiceClock(Pool pool, Clock machine, LongSupplier nanos) {
        this.pool = pool;
        this.machine = machine;
        this.nanos = nanos;
    }

    /** The first reading is there before anybody else learns that the schema stands. */
    void start(@Observes @Priority(1) SchemaReady event) {
        Patience.untilDatabaseAnswers(read()).await().indefinitely();
        timer.scheduleWithFixedDelay(
                this::readWithPatience, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    @Override
    public Instant instant() {
        Reading reading = last;
        return reading == null ? machine.instant() : reading.at(nanos.getAsLong());
    }

    private Duration deviation() {
        return Duration.between(instant(), machine.instant());
    }

    private void readWithPatience() {
        try {
            read().await().indefinitely();
        } catch (RuntimeException e) { // a timer that throws would never run again
            LOG.debugf("the database's clock is read again later: %s", e.getMessage());
        }
    }

    private Uni<Void> read() {
        return Uni.createFrom()
                .deferred(() -> {
                    long before = nanos.getAsLong();
                    return pool.query("select clock_timestamp()").execute().invoke(rows -> {
                        long half = (nanos.getAsLong() - before) / 2;
                        shown(rows.iterator().next().getOffsetDateTime(0).toInstant(), before + half);
                    });
                })
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .replaceWithVoid();
    }

    /** The database's clock has shown that when the running time was {@code now}. */
    synchronized void shown(Instant time, long now) {
        Reading read = new Reading(time, now);
        boolean leap = last != null && Duration.between(last.at(now), time).compareTo(LEAP) >= 0;
        if (!leap) {
            leapt = null;
            last = read;
        } else if (leapt == null) {
            leapt = read;
            LOG.warnf(
                    "the database's clock shows %s, it should be about %s; it is believed in a day",
                    time, last.at(now));
        } else if (now - leapt.nanos() >= BELIEF.toNanos()) {
            leapt = null;
            last = read;
        }
        tell();
    }

    private void tell() {
        Duration off = deviation();
        if (off.minus(told).abs().compareTo(TOLERANCE) > 0) {
            told = off;
            if (off.abs().compareTo(TOLERANCE) > 0) {
                LOG.warnf(
                        "this machine's clock shows %s, it should be about %s by the database; the service goes by"
                                + " the latter: set the clock",
                        machine.instant(), instant());
            } else {
                LOG.infof("this machine's clock is right again");
            }
        }
    }
}
