package io.cema.edge.storage;

import io.cema.edge.logging.LogLimit;
import io.cema.protocol.thread.DaemonThreads;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Knows whether the data folder can be written: looks every few seconds, and at once when a writer failed. To spare flash
 * memory it writes only where there is reason to doubt; otherwise it asks the file system. Bulk, which is samples, stops
 * before the disk is full, so that there is room left for the small files that the agent cannot do without. Thread-safe.
 */
public final class DiskWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DiskWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    /** Less counts as full: no update would fit. */
    private static final int PROBE_BYTES = 64 * 1024;
    /** Looks after which a failed write is worth another try though nothing is known to be wrong. */
    private static final int TRY_AGAIN = 12;

    /** On a small disk a smaller share is kept free: one in so many bytes. */
    private static final int LEAST_SHARE = 20;

    private final Path folder;
    private final long minFreeBytes;
    private final Damages damages = new Damages();
    private final LogLimit log = new LogLimit(LOG, 5, Duration.ofMinutes(1));
    private final List<Consumer<State>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> waiting = new CopyOnWriteArrayList<>();
    private final AtomicLong failedWrites = new AtomicLong();
    private final ScheduledExecutorService thread = DaemonThreads.timer("cema-disk");
    private volatile State state = new State(Kind.SOUND, "", 0);
    private volatile boolean doubted = true;
    /** Looks since a write failed; negative if none has. */
    private volatile int looksSinceFailure = -1;

    /** What is wrong. */
    public enum Kind {
        SOUND,
        /** Less is free than is to be kept free; small files are still written. */
        LOW,
        FULL,
        READ_ONLY,
        /** Anything else: an error of the medium, missing rights. */
        FAILING
    }

    /**
     * How the disk is.
     *
     * @param problem in words, with what to do; empty if it is sound
     * @param freeBytes that the agent may use
     */
    public record State(Kind kind, String problem, long freeBytes) {
        /** Whether bulk may be written. */
        public boolean sound() {
            return kind == Kind.SOUND;
        }

        /** Whether small files can be written. */
        public boolean writable() {
            return kind == Kind.SOUND || kind == Kind.LOW;
        }
    }

    /** @param minFreeBytes to be left free by bulk, or a twentieth of the disk where that is less */
    public DiskWatch(Path folder, long minFreeBytes) {
        if (minFreeBytes < 0) {
            throw new IllegalArgumentException("cema.disk.min-free-bytes is " + minFreeBytes + ", must be at least 0");
        }
        this.folder = folder.toAbsolutePath();
        this.minFreeBytes = minFreeBytes;
    }

    /** Looks from now on, on a thread of its own. */
    public void start() {
        thread.scheduleWithFixedDelay(this::lookAgain, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As of the last look. */
    public State state() {
        return state;
    }

    /** Writes of the agent that failed since its start. */
    public long failedWrites() {
        return failedWrites.get();
    }

    /** What was found damaged. */
    public Damages damages() {
        return damages;
    }

    /** Called with each new kind of state, on the thread that looked; at once if the disk is not sound now. */
    public void listen(Consumer<State> listener) {
        listeners.add(listener);
        State now = state;
        if (!now.sound()) {
            listener.accept(now);
        }
    }

    /** Runs when what could not be written is worth another try, on the thread that looked. */
    public void whenWritable(Runnable task) {
        waiting.add(task);
    }

    /** A writer failed: counts it, and looks soon. Returns at once. */
    public void failed(String what, IOException cause) {
        failedWrites.incrementAndGet();
        doubted = true;
        looksSinceFailure = 0;
        log.warn(what + ": " + reason(cause));
        try {
            thread.execute(this::lookSafely);
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }

    /** Looks now; blocks. */
    public synchronized State look() {
        State before = state;
        state = found(before);
        if (state.kind() != before.kind()) {
            if (state.problem().isEmpty()) {
                LOG.infof("the disk of %s is sound again", folder);
            } else {
                LOG.error(state.problem());
            }
            listeners.forEach(listener -> listener.accept(state));
            if (state.writable()) {
                tryAgain();
            }
        }
        return state;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void lookAgain() {
        lookSafely();
        if (looksSinceFailure >= 0 && ++looksSinceFailure > TRY_AGAIN && state.writable()) {
            tryAgain();
        }
    }

    private void tryAgain() {
        looksSinceFailure = -1;
        waiting.forEach(Runnable::run);
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            // A scheduled task that throws would never run again.
            LOG.errorf(e, "the disk of %s could not be looked at", folder);
        }
    }

    private State found(State before) {
        long free = 0;
        try {
            Files.createDirectories(folder);
            FileStore store = Files.getFileStore(folder);
            free = store.getUsableSpace();
            if (doubted || !before.writable() || free < PROBE_BYTES || !Files.isWritable(folder)) {
                probe();
                doubted = false;
            }
            // Once it is low, some more has to be free before bulk is written again.
            long keep = Math.min(minFreeBytes, store.getTotalSpace() / LEAST_SHARE);
            long wanted = before.kind() == Kind.LOW ? keep + keep / 4 : keep;
            return free < wanted ? low(free, keep) : new State(Kind.SOUND, "", free);
        } catch (IOException e) {
            return broken(e, free);
        }
    }

    private void probe() throws IOException {
        Path file = folder.resolve("disk.probe");
        DurableFile.write(file, new byte[PROBE_BYTES]);
        Files.delete(file);
    }

    private State low(long free, long keep) {
        return new State(
                Kind.LOW,
                "the disk of " + folder + " has " + free + " bytes left, " + keep
                        + " are kept free (cema.disk.min-free-bytes): no samples are spooled; free space there",
                free);
    }

    private State broken(IOException cause, long free) {
        String reason = reason(cause);
        if (reason.contains("No space left") || reason.contains("quota exceeded")) {
            return new State(
                    Kind.FULL,
                    "the disk of " + folder + " is full (" + reason
                            + "): samples and updates are not taken; free space there",
                    free);
        }
        String consequence = folder + " cannot be written (" + reason + "): samples and updates are not taken; ";
        return reason.contains("Read-only")
                ? new State(Kind.READ_ONLY, consequence + "check the disk and mount it read-write", free)
                : new State(Kind.FAILING, consequence + "check the disk and the folder's owner", free);
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getMessage() == null || e instanceof FileSystemException
                ? e.getClass().getSimpleName()
                : e.getMessage();
    }
}
