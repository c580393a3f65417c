package io.cema.protocol.thread;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;

/** Threads that keep no process alive. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /** For an executor of one thread: each that it makes, one after the other, has that name. */
    public static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** One thread, of that name, for what is to be done now, later or again and again. */
    public static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(named(name));
    }
}
