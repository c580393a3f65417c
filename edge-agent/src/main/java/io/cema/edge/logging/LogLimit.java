package io.cema.edge.logging;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** Lets so many warnings through in a period; the first of the next says how many were left out. Thread-safe. */
public final class LogLimit {
    private final Logger log;
    private final int lines;
    private final long periodNanos;
    private final LongSupplier nanoClock;
    private long periodStart;
    private int written;
    private long leftOut;

    public LogLimit(Logger log, int lines, Duration period) {
        this(log, lines, period, System::nanoTime);
    }

    LogLimit(Logger log, int lines, Duration period, LongSupplier nanoClock) {
        this.log = log;
        this.lines = lines;
        this.periodNanos = period.toNanos();
        this.nanoClock = nanoClock;
        this.periodStart = nanoClock.getAsLong();
    }

    public synchronized void warn(String message) {
        long now = nanoClock.getAsLong();
        if (now - periodStart >= periodNanos) {
            periodStart = now;
            written = 0;
        }
        if (written >= lines) {
            leftOut++;
            return;
        }
        written++;
        log.warn(leftOut == 0 ? message : message + " (" + leftOut + " lines before it were left out)");
        leftOut = 0;
    }
}
