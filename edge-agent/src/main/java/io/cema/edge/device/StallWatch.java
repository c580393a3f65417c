package io.cema.edge.device;

import io.cema.protocol.thread.DaemonThreads;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Closes a stream that gives nothing for too long, which ends the read that waits for it: the HTTP client's own time-out
 * ends with the headers. One per download.
 */
final class StallWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StallWatch.class);

    private final ScheduledExecutorService timer = DaemonThreads.timer("cema-download-watch");
    private final InputStream stream;
    private final long timeoutNanos;
    private volatile long lastProgress = System.nanoTime();

    StallWatch(InputStream stream, Duration timeout) {
        this.stream = stream;
        this.timeoutNanos = timeout.toNanos();
        long period = Math.max(1, timeout.toMillis() / 4);
        timer.scheduleWithFixedDelay(this::check, period, period, TimeUnit.MILLISECONDS);
    }

    void progress() {
        lastProgress = System.nanoTime();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private void check() {
        if (System.nanoTime() - lastProgress < timeoutNanos) {
            return;
        }
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debugf("closing a stalled download: %s", e.getMessage());
        }
    }
}
