package io.cema.protocol.mqtt;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that many links share, each link's tasks still one after the other: for a process that holds thousands of
 * sessions, which a thread for each would cost a gigabyte. Close the links first. Thread-safe.
 */
public final class MqttThreads implements AutoCloseable {
    private final ScheduledThreadPoolExecutor pool;

    /** @param threads at least 1 */
    public MqttThreads(int threads) {
        AtomicInteger count = new AtomicInteger();
        pool = new ScheduledThreadPoolExecutor(threads, task -> {
            Thread created = new Thread(task, "mqtt-links-" + count.incrementAndGet());
            created.setDaemon(true);
            return created;
        });
        pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    ScheduledThreadPoolExecutor pool() {
        return pool;
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
