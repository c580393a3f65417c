package io.cema.edge.device;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Messages of one topic that come close together, handed over together once no more come. After a time offline the broker
 * gives all it kept, one by one, the newest last: acting on each would mean a hundred steps where one is enough. Confined
 * to the executor's thread.
 */
final class Burst {
    private static final Logger LOG = Logger.getLogger(Burst.class);
    private static final long QUIET_MILLIS = 200;
    private static final long LONGEST_MILLIS = 3000;
    private static final long MOST_BYTES = 16L << 20;

    private final ScheduledExecutorService thread;
    private final Consumer<List<byte[]>> then;
    private List<byte[]> arrived = new ArrayList<>();
    private long bytes;
    private long firstNanos;
    private ScheduledFuture<?> handover;

    /** @param then gets what came, oldest first; runs on the thread */
    Burst(ScheduledExecutorService thread, Consumer<List<byte[]>> then) {
        this.thread = thread;
        this.then = then;
    }

    void add(byte[] payload) {
        if (arrived.isEmpty()) {
            firstNanos = System.nanoTime();
        }
        arrived.add(payload);
        bytes += payload.length;
        if (handover != null) {
            handover.cancel(false);
        }
        try {
            handover = thread.schedule(this::handOver, patience(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    private long patience() {
        long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - firstNanos);
        return bytes > MOST_BYTES ? 0 : Math.max(0, Math.min(QUIET_MILLIS, LONGEST_MILLIS - waited));
    }

    private void handOver() {
        List<byte[]> all = arrived;
        arrived = new ArrayList<>();
        bytes = 0;
        try {
            then.accept(all);
        } catch (RuntimeException e) {
            LOG.errorf(e, "unexpected failure; what was in force stays");
        }
    }
}
