package io.cema.edge.clock;

import io.cema.edge.storage.DurableFile;
import io.cema.protocol.clock.UtcClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * A clock that never runs back, over restarts neither: it starts at the later of build time and last saved time, and goes on
 * with the machine's running time. It follows the machine's clock where that is ahead; one that leaps ahead by a day or more
 * it follows only after a day of running time in which the leap was not taken back. So a clock that is set a year ahead by
 * mistake ages nothing, and one that is lost with its battery makes nothing young. Thread-safe.
 */
public final class SteadyClock extends UtcClock {
    private static final Logger LOG = Logger.getLogger(SteadyClock.class);

    /** Leaps below this are followed at once. */
    static final Duration LEAP = Duration.ofDays(1);

    /** How long a leap must stand to be believed. */
    static final Duration BELIEF = Duration.ofDays(1);

    private final Path file;
    private final Instant build;
    private final Clock machine;
    private final LongSupplier nanos;
    private Instant time;
    private long readNanos;
    private Optional<Long> leaptNanos = Optional.empty();
    private boolean toldBehind;

    private SteadyClock(Path file, Instant build, Instant start, Clock machine, LongSupplier nanos) {
        this.file = file;
        this.build = build;
        this.time = start;
        this.machine = machine;
        this.nanos = nanos;
        this.readNanos = nanos.getAsLong();
    }

    /**
     * Opens the clock of an agent. Where nothing was saved yet nothing is there that could grow old by mistake, and the
     * machine's clock is taken as it is, if it is not before the build.
     *
     * @param file where the time is saved; one that cannot be read counts as not there
     * @param build when the agent was built
     */
    public static SteadyClock open(Path file, Instant build, Clock machine) {
        return open(file, build, machine, System::nanoTime);
    }

    static SteadyClock open(Path file, Instant build, Clock machine, LongSupplier nanos) {
        Instant saved = saved(file).orElseGet(machine::instant);
        return new SteadyClock(file, build, later(build, saved), machine, nanos);
    }

    @Override
    public synchronized Instant instant() {
        long now = nanos.getAsLong();
        Duration passed = Duration.ofNanos(now - readNanos);
        readNanos = now;
        Instant shown = machine.instant();
        Duration ahead = Duration.between(time.plus(passed), shown);
        if (ahead.compareTo(LEAP) >= 0) {
            time = believed(now) ? shown : time.plus(passed);
            return time;
        }
        leaptNanos = Optional.empty();
        // A little behind, it is waited for; far behind, it is wrong.
        boolean wrong = ahead.compareTo(LEAP.negated()) <= 0;
        if (wrong && !toldBehind) {
            LOG.warnf("the machine's clock shows %s, it should be about %s; it is not believed", shown, time);
        }
        toldBehind = wrong;
        time = later(time, wrong ? time.plus(passed) : shown);
        return time;
    }

    /** What to date something by that is made now: the machine's clock unless that is behind. */
    public Instant stamp() {
        return later(instant(), machine.instant());
    }

    /** When it may be now: by the machine, unless it is before the build, and by this clock. */
    public List<Instant> moments() {
        List<Instant> moments = new ArrayList<>();
        Instant shown = machine.instant();
        if (!shown.isBefore(build)) {
            moments.add(shown);
        }
        moments.add(instant());
        return moments;
    }

    /** Writes the time down, so that the next start is not before it. Call now and then, and at the end. */
    public void save() {
        try {
            DurableFile.write(file, Long.toString(millis()).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.warnf("the time is not saved to %s: %s", file, e.getMessage());
        }
    }

    private boolean believed(long now) {
        if (leaptNanos.isEmpty()) {
            leaptNanos = Optional.of(now);
            LOG.warnf(
                    "the machine's clock shows %s, it should be about %s; it is believed in a day",
                    machine.instant(), time);
        }
        return now - leaptNanos.get() >= BELIEF.toNanos();
    }

    private static Optional<Instant> saved(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Instant.ofEpochMilli(Long.parseLong(Files.readString(file).trim())));
        } catch (IOException | NumberFormatException | DateTimeException e) {
            LOG.warnf("the saved time in %s cannot be read: %s", file, e.getMessage());
            return Optional.empty();
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
