package io.cema.cloud.event;

import io.cema.cloud.event.LiveEventLog.Batch;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * One who watches, and where he stands. Holds one batch of events at most: the next is read when the connection has taken
 * the last. {@link #next} is asked one at a time; {@link #idleNanos} by any thread.
 */
final class LiveEventWatcher {
    private static final int BATCH = 100;
    private static final Duration SETTLING = Duration.ofMillis(50);

    private final LiveEventLog log;
    private final LiveEventSignal signal;
    private final String tenant;
    private final LiveEventFilter filter;
    private final long heartbeatNanos;
    private final long endNanos;
    private final Runnable cut;
    private final Queue<LiveEvent> read = new ArrayDeque<>();
    private StreamPosition position;
    private long lastNanos = System.nanoTime();
    private volatile long activeNanos = System.nanoTime();

    /** What is sent: an event, a sign of life where there is none, or the end. */
    record Message(Optional<LiveEvent> event, StreamPosition position, boolean end) {}

    /** @param cut ends the connection, of which it then also hears as of any other that ends */
    LiveEventWatcher(
            LiveEventLog log,
            LiveEventSignal signal,
            LiveEventSettings settings,
            String tenant,
            LiveEventFilter filter,
            StreamPosition start,
            Runnable cut) {
        this.log = log;
        this.signal = signal;
        this.tenant = tenant;
        this.filter = filter;
        this.position = start;
        this.cut = cut;
        this.heartbeatNanos = settings.heartbeat().toNanos() * 9 / 10; // ticks are not exact
        this.endNanos = System.nanoTime() + settings.longest().toNanos();
    }

    /** What is to be sent next; asking says that what was sent before is taken. */
    Uni<Message> next() {
        activeNanos = System.nanoTime();
        return read.isEmpty() ? look() : Uni.createFrom().item(this::first);
    }

    /** How long it has neither been asked for more, since what was sent is not taken, nor looked for more itself. */
    long idleNanos() {
        return System.nanoTime() - activeNanos;
    }

    void cutOff() {
        cut.run();
    }

    private Uni<Message> look() {
        activeNanos = System.nanoTime();
        Uni<Void> change = signal.change();
        return log.after(tenant, position, filter, BATCH).chain(batch -> {
            position = batch.position();
            read.addAll(batch.events());
            if (!read.isEmpty()) {
                return Uni.createFrom().item(this::first);
            }
            long now = System.nanoTime();
            if (now - endNanos >= 0) {
                return Uni.createFrom().item(new Message(Optional.empty(), position, true));
            }
            return now - lastNanos >= heartbeatNanos
                    ? Uni.createFrom().item(() -> sent(new Message(Optional.empty(), position, false)))
                    : pause(batch, change).chain(this::look);
        });
    }

    private static Uni<Void> pause(Batch batch, Uni<Void> change) {
        return batch.unsettled()
                ? Uni.createFrom().voidItem().onItem().delayIt().by(SETTLING)
                : change;
    }

    private Message first() {
        LiveEvent event = read.remove();
        return sent(new Message(Optional.of(event), StreamPosition.parse(event.id()), false));
    }

    private Message sent(Message message) {
        lastNanos = System.nanoTime();
        return message;
    }
}
