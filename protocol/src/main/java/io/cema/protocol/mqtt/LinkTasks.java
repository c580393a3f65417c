package io.cema.protocol.mqtt;

import io.cema.protocol.thread.DaemonThreads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The tasks of one link, run one after the other in the order of their coming, on a thread of its own or on threads that
 * links share. Thread-safe; {@link #execute} and {@link #schedule} throw RejectedExecutionException once it is shut down.
 */
final class LinkTasks {
    private static final int TURN = 64;

    private final ScheduledThreadPoolExecutor threads;
    private final boolean own;
    // guarded by this
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;
    private boolean closed;

    private LinkTasks(ScheduledThreadPoolExecutor threads, boolean own) {
        this.threads = threads;
        this.own = own;
    }

    /** @param name of the thread */
    static LinkTasks ofOwnThread(String name) {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, DaemonThreads.named(name));
        thread.setKeepAliveTime(30, TimeUnit.SECONDS); // a process may hold many links, most of them idle
        thread.allowCoreThreadTimeOut(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return new LinkTasks(thread, true);
    }

    static LinkTasks on(MqttThreads shared) {
        return new LinkTasks(shared.pool(), false);
    }

    synchronized void execute(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("the link is closed");
        }
        waiting.add(task);
        if (!running) {
            running = true;
            threads.execute(this::turn);
        }
    }

    void schedule(Runnable task, Duration delay) {
        synchronized (this) {
            if (closed) {
                throw new RejectedExecutionException("the link is closed");
            }
        }
        threads.schedule(
                () -> {
                    try {
                        execute(task);
                    } catch (RejectedExecutionException e) {
                        // Closed meanwhile: nobody waits for it any more.
                    }
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Takes no more; what waits is run, what is delayed is not. */
    synchronized void shutdown() {
        closed = true;
        if (own) {
            threads.shutdown();
        }
    }

    /** Some tasks, then another link's; all that is left where the threads take nothing more. */
    private void turn() {
        for (int i = 0; i < TURN || !handedOver(); i++) {
            Runnable task = next();
            if (task == null) {
                return;
            }
            try {
                task.run();
            } catch (Error e) {
                handedOver();
                throw e;
            }
        }
    }

    private synchronized Runnable next() {
        Runnable task = waiting.poll();
        running = task != null;
        return task;
    }

    private boolean handedOver() {
        try {
            threads.execute(this::turn);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
