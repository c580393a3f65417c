package io.cema.edge.logging;

import io.quarkus.logging.LoggingFilter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Lets so many lines of one kind through in a minute, a kind being a logger and its text before values are filled in; the
 * first of a later minute says how many were left out. So a disk that fails ten times a second does not fill what is left
 * of it. Thread-safe.
 */
@LoggingFilter(name = "cema-repeat-limit")
public final class RepeatLimit implements Filter {
    static final int LINES = 20;
    static final Duration PERIOD = Duration.ofMinutes(1);
    private static final int KINDS = 512;

    private final LongSupplier nanoClock;
    private final Map<String, Kind> kinds = new LinkedHashMap<>(KINDS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
            return size() > KINDS;
        }
    };

    private static final class Kind {
        private long since;
        private int written;
        private long leftOut;
    }

    /** By the machine's running time. */
    public RepeatLimit() {
        this(System::nanoTime);
    }

    RepeatLimit(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    @Override
    public synchronized boolean isLoggable(LogRecord line) {
        long now = nanoClock.getAsLong();
        Kind kind = kinds.computeIfAbsent(line.getLoggerName() + ' ' + line.getMessage(), key -> {
            Kind created = new Kind();
            created.since = now;
            return created;
        });
        if (now - kind.since >= PERIOD.toNanos()) {
            kind.since = now;
            kind.written = 0;
        }
        if (kind.written >= LINES) {
            kind.leftOut++;
            return false;
        }
        kind.written++;
        if (kind.leftOut > 0) {
            say(line, kind.leftOut);
            kind.leftOut = 0;
        }
        return true;
    }

    private static void say(LogRecord line, long leftOut) {
        String text = line.getMessage() + " (" + leftOut + " lines like this were left out)";
        if (line instanceof ExtLogRecord ext) {
            // The plain setter would have the values filled in by another syntax.
            ext.setMessage(text, ext.getFormatStyle());
        } else {
            line.setMessage(text);
        }
    }
}
