package io.cema.cloud.adaptation;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Runs one loop on shared workers, one tick at a time, so that loops take turns step by step. Any thread may wake it;
 * a wake during a tick means one more tick after it.
 */
final class LoopSeat {
    private static final Logger LOG = Logger.getLogger(LoopSeat.class);
    private static final long FIRST_BACK_OFF_MILLIS = 1_000;
    private static final int MOST_DOUBLINGS = 6;

    private final Lease lease;
    private final AdaptationLoop loop;
    private final ScheduledExecutorService clock;
    private final Executor workers;

    // guarded by this
    private boolean running;
    private boolean again;
    private boolean retired;
    private boolean closed;
    private boolean backingOff;
    private ScheduledFuture<?> later;
    // touched by the running tick alone
    private int failures;

    LoopSeat(Lease lease, AdaptationLoop loop, ScheduledExecutorService clock, Executor workers) {
        this.lease = lease;
        this.loop = loop;
        this.clock = clock;
        this.workers = workers;
    }

    Lease lease() {
        return lease;
    }

    /** There may be work. While the loop backs off after a failure, this waits with it. */
    synchronized void wake() {
        if (closed || backingOff) {
            return;
        }
        if (running) {
            again = true;
            return;
        }
        start();
    }

    /** The lease is gone: no further tick, and the loop is closed after the present one. */
    synchronized void retire() {
        retired = true;
        if (!running) {
            close();
        }
    }

    /** True from the loss of the lease on, though the present tick may still run. */
    synchronized boolean retired() {
        return retired;
    }

    synchronized boolean closed() {
        return closed;
    }

    /** Call only when no tick runs. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            if (later != null) {
                later.cancel(false);
            }
            loop.close();
        }
    }

    private void start() {
        if (later != null) {
            later.cancel(false);
            later = null;
        }
        running = true;
        again = false;
        try {
            workers.execute(this::run);
        } catch (RejectedExecutionException e) {
            running = false;
            LOG.debugf("loop %s: not run, the service stops", lease.key());
        }
    }

    private void run() {
        boolean failed = false;
        Duration next;
        try {
            next = loop.tick();
            failures = 0;
        } catch (LeaseLostException e) {
            LOG.warn(e.getMessage());
            next = Duration.ZERO;
            synchronized (this) {
                retired = true;
            }
        } catch (RuntimeException | LinkageError e) {
            failed = true;
            next = afterFailure(e);
        }
        done(next, failed);
    }

    private Duration afterFailure(Throwable failure) {
        Duration wait = Duration.ofMillis(FIRST_BACK_OFF_MILLIS << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        LOG.errorf(failure, "loop %s failed, next try in %s", lease.key(), wait);
        try {
            loop.reportProblem(String.valueOf(failure.getMessage()));
        } catch (LeaseLostException e) {
            synchronized (this) {
                retired = true;
            }
        } catch (RuntimeException e) {
            LOG.warnf("loop %s: problem not recorded: %s", lease.key(), e.getMessage());
        }
        return wait;
    }

    private synchronized void done(Duration next, boolean failed) {
        running = false;
        if (retired) {
            close();
            return;
        }
        backingOff = failed;
        if (!failed && (again || next.isZero())) {
            start();
            return;
        }
        try {
            later = clock.schedule(this::due, next.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debugf("loop %s: not scheduled, the service stops", lease.key());
        }
    }

    private synchronized void due() {
        backingOff = false;
        wake();
    }
}
