package io.cema.edge.frame;

import io.cema.edge.logging.LogLimit;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * PNG and JPEG files of a folder and its sub-folders, those that appear later included; endless. A file is taken once,
 * when it is whole (see {@link FolderScan}), and marked as taken before it is used. By polling, since notification does
 * not see what another machine writes to a network share. A folder that is not there is waited for.
 */
public final class WatchedFolderSource implements FrameSource {
    private static final Logger LOG = Logger.getLogger(WatchedFolderSource.class);
    private static final long LEAST_PAUSE_NANOS = 200_000_000;
    private static final long MAX_BYTES = 64 << 20;
    /** A scan may take one part in so many of the time. */
    private static final int SCAN_SHARE = 10;

    /** Which of several new files goes first. */
    public enum Order {
        NAME,
        TIME
    }

    /** What becomes of a file that was taken. */
    public enum Afterwards {
        KEEP,
        /** Deleted before it is used; one that cannot be decoded stays. */
        DELETE
    }

    private final Path folder;
    private final Afterwards afterwards;
    private final FolderScan scan;
    private final TakenFiles taken;
    private final Consumer<FrameDrop> drops;
    private final Clock clock;
    private final LogLimit log = new LogLimit(LOG, 5, Duration.ofMinutes(1));
    private final Deque<FolderScan.Candidate> ready = new ArrayDeque<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private long number;
    private long pauseNanos;
    private volatile String problem = "";

    private WatchedFolderSource(
            Path folder,
            Afterwards afterwards,
            FolderScan scan,
            TakenFiles taken,
            Consumer<FrameDrop> drops,
            Clock clock) {
        this.folder = folder;
        this.afterwards = afterwards;
        this.scan = scan;
        this.taken = taken;
        this.drops = drops;
        this.clock = clock;
    }

    /**
     * @param settle how long a file must have stood unchanged
     * @param journal where the agent remembers what it took
     * @param drops told of files that cannot be decoded
     */
    public static WatchedFolderSource open(
            Path folder,
            Order order,
            Afterwards afterwards,
            Duration settle,
            Path journal,
            Consumer<FrameDrop> drops,
            Clock clock)
            throws IOException {
        TakenFiles taken = TakenFiles.open(journal);
        return new WatchedFolderSource(
                folder, afterwards, new FolderScan(folder, order, settle, System::nanoTime), taken, drops, clock);
    }

    @Override
    public String description() {
        return "watched folder " + folder.toAbsolutePath();
    }

    @Override
    public void seek(long next) {
        number = Math.max(0, next);
    }

    @Override
    public Optional<Frame> next() {
        while (stopped.getCount() > 0) {
            while (!ready.isEmpty()) {
                Optional<Frame> frame = take(ready.poll());
                if (frame.isPresent()) {
                    return frame;
                }
            }
            if (pause(pauseNanos)) {
                return Optional.empty();
            }
            long started = System.nanoTime();
            look();
            pauseNanos = Math.max(LEAST_PAUSE_NANOS, SCAN_SHARE * (System.nanoTime() - started));
        }
        return Optional.empty();
    }

    @Override
    public void stop() {
        stopped.countDown();
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public void close() throws IOException {
        stop();
        taken.close();
    }

    private void look() {
        try {
            ready.addAll(scan.look(taken::contains));
            taken.retain(scan.present());
            problem = "";
        } catch (IOException e) {
            waitFor("cannot be read: " + e);
        }
    }

    private void waitFor(String reason) {
        problem = description() + " " + reason;
        log.warn(problem + "; it is tried again");
    }

    private Optional<Frame> take(FolderScan.Candidate candidate) {
        Path file = candidate.file();
        try {
            taken.add(candidate.key());
        } catch (IOException e) {
            // Not marked, hence not used: a full disk must not make it count twice. The next look offers it again.
            waitFor("cannot note what it took: " + e);
            return Optional.empty();
        }
        try {
            if (candidate.size() > MAX_BYTES) {
                throw new IllegalArgumentException(candidate.size() + " bytes are more than " + MAX_BYTES);
            }
            byte[] bytes = Files.readAllBytes(file);
            ImageFormat format = ImageFiles.formatOf(file).orElseThrow();
            Frame frame = new Frame(
                    number,
                    ImageCodec.decode(format, bytes),
                    Optional.of(new Frame.Encoded(format, bytes)),
                    clock.millis());
            number++;
            if (afterwards == Afterwards.DELETE) {
                delete(file);
            }
            return Optional.of(frame);
        } catch (NoSuchFileException e) {
            LOG.debugf("%s went away before it was taken", file);
        } catch (IOException | IllegalArgumentException e) {
            drops.accept(FrameDrop.UNREADABLE);
            log.warn("passed over " + file + ": " + e.getMessage());
        }
        return Optional.empty();
    }

    private void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("cannot delete " + file + " (" + e + "); it is not taken again");
        }
    }

    /** @return whether it was ended by {@link #stop} */
    private boolean pause(long nanos) {
        try {
            return stopped.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
            return true;
        }
    }
}
