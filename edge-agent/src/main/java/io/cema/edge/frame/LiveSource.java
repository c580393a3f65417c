package io.cema.edge.frame;

import io.cema.edge.frame.FrameFeed.Raw;
import io.cema.edge.logging.LogLimit;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A camera in real time: keeps the newest frame alone, so that a slow reader sees fewer frames and not old ones. The camera
 * has a thread of its own, begun with the first {@link #next}, and is opened again, after growing pauses, whenever it ends.
 * Frames are decoded only when they are taken.
 */
public final class LiveSource implements FrameSource {
    private static final Logger LOG = Logger.getLogger(LiveSource.class);
    private static final long STOP_MILLIS = 4_000;

    private final FrameFeed feed;
    private final RestartPause pauses;
    private final Consumer<FrameDrop> drops;
    private final Clock clock;
    private final long intervalNanos;
    private final Thread thread;
    private final LogLimit log = new LogLimit(LOG, 10, Duration.ofMinutes(1));
    private final CountDownLatch stopped = new CountDownLatch(1);

    // Guarded by this.
    private Raw newest;
    private long newestMillis;
    private long due = System.nanoTime();
    private long arrived;

    private long number;
    private volatile String problem = "no frame yet";

    /**
     * @param framesPerSecond what is more is dropped; 0 for no limit
     * @param drops told of every frame that nobody gets
     */
    LiveSource(FrameFeed feed, double framesPerSecond, RestartPause pauses, Consumer<FrameDrop> drops, Clock clock) {
        if (!(framesPerSecond >= 0) || Double.isInfinite(framesPerSecond)) {
            throw new IllegalArgumentException("cema.frames.rate must be at least 0 per second, is " + framesPerSecond);
        }
        this.feed = feed;
        this.pauses = pauses;
        this.drops = drops;
        this.clock = clock;
        this.intervalNanos = framesPerSecond == 0 ? 0 : (long) (1e9 / framesPerSecond);
        this.thread = new Thread(this::supervise, "cema-camera");
        thread.setDaemon(true);
    }

    @Override
    public String description() {
        return feed.description();
    }

    @Override
    public void seek(long next) {
        number = Math.max(0, next);
    }

    @Override
    public boolean live() {
        return true;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public Optional<Frame> next() {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        while (true) {
            Raw raw;
            long millis;
            synchronized (this) {
                while (newest == null && !isStopped()) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        stop();
                    }
                }
                if (isStopped()) {
                    return Optional.empty();
                }
                raw = newest;
                millis = newestMillis;
                newest = null;
            }
            try {
                return Optional.of(new Frame(number++, raw.decode(), raw.original(), millis));
            } catch (IllegalArgumentException e) {
                drops.accept(FrameDrop.UNREADABLE);
                log.warn(description() + ": " + e.getMessage());
            }
        }
    }

    @Override
    public void stop() {
        stopped.countDown();
        synchronized (this) {
            notifyAll();
        }
    }

    /** Waits until the camera is let go, for some seconds at most. */
    @Override
    public void close() throws IOException {
        stop();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warnf("%s does not let go; its thread is left behind", description());
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private synchronized void accept(Raw raw) {
        arrived++;
        problem = "";
        long now = System.nanoTime();
        if (now - due < 0) {
            drops.accept(FrameDrop.RATE_LIMITED);
            return;
        }
        // A frame that is late by less than an interval does not delay the next.
        due = Math.max(due + intervalNanos, now);
        if (newest != null) {
            drops.accept(FrameDrop.OVERTAKEN);
        }
        newest = raw;
        newestMillis = clock.millis();
        notifyAll();
    }

    private synchronized long arrived() {
        return arrived;
    }

    private void supervise() {
        Duration pause = Duration.ZERO;
        try {
            while (!isStopped()) {
                long before = arrived();
                long started = System.nanoTime();
                String end = run();
                if (isStopped()) {
                    return;
                }
                problem = end;
                pause = pauses.after(pause, arrived() > before, Duration.ofNanos(System.nanoTime() - started));
                long nanos = RestartPause.jitteredNanos(pause, ThreadLocalRandom.current());
                log.warn("%s: %s; opened again in %d ms"
                        .formatted(description(), end, TimeUnit.NANOSECONDS.toMillis(nanos)));
                if (stopped.await(nanos, TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return why it ended */
    private String run() throws InterruptedException {
        try {
            feed.read(this::accept, this::isStopped);
            return "the stream ended";
        } catch (IOException | RuntimeException e) {
            return e.getMessage() == null ? e.toString() : e.getMessage();
        }
    }
}
