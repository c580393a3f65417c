package io.cema.edge.uplink;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.edge.storage.Damages;
import io.cema.edge.uplink.SpoolFile.CorruptException;
import io.cema.protocol.message.UploadReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What waits for the cloud's word, on disk: bounded in bytes and in age. A sample counts as spooled once it is forced to
 * disk, and leaves only by {@link #remove} (the cloud has it, or never will) or by the bounds, which are counted. When
 * the spool is full the least informative samples go first: those of lowest entropy; samples that were not selected
 * (random, statistics) go last, since their share must stay unbiased.
 *
 * <p>Survives {@code kill -9}: unfinished files are deleted at {@link #open}, damaged ones moved to {@code corrupt/}, where
 * the newest are kept, and counted. A file that cannot be deleted is forgotten all the same, and deleted later: what goes out
 * does not wait for a disk that cannot be written. A leap of the clock makes nothing old. Thread-safe; does file I/O, so keep it off event loops. One process per folder.
 */
public final class SampleSpool {
    private static final Logger LOG = Logger.getLogger(SampleSpool.class);
    /** Damaged files to look into later. */
    static final int CORRUPT_KEPT = 16;

    /** What passes between two looks at the clock is less, but for one that leaps. */
    private static final Duration LEAP = Duration.ofDays(1);

    private final Path folder;
    private final Path corruptFolder;
    private final long maxBytes;
    private final Duration maxAge;
    private final Clock clock;
    private final Damages damages;
    /** By id, i.e. oldest first. */
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    /** The same, the most informative first, and of those the oldest. */
    private final TreeSet<Entry> byWorth =
            new TreeSet<>(Comparator.comparingDouble(Entry::rank).reversed().thenComparing(Entry::id));

    private final Map<Drop, Long> drops = new EnumMap<>(Drop.class);

    /** Files to delete when the disk allows. */
    private final Set<Path> leftOver = new HashSet<>();

    private long bytes;
    private long corrupted;
    private Instant lastLook;
    private Duration leapt = Duration.ZERO;

    /** Why a sample was given up. */
    public enum Drop {
        SPOOL_FULL,
        TOO_OLD,
        /** It alone is more than the upload budget of an hour or a day. */
        LARGER_THAN_BUDGET,
        /** An operator said so. */
        FORGOTTEN
    }

    /**
     * What is known of a spooled sample without reading it.
     *
     * @param size bytes on disk
     * @param rank what goes first from a full spool: the lowest
     */
    public record Entry(String id, long size, double rank) {}

    private SampleSpool(Path folder, long maxBytes, Duration maxAge, Clock clock, Damages damages) {
        this.folder = folder;
        this.corruptFolder = folder.resolve("corrupt");
        this.maxBytes = maxBytes;
        this.maxAge = maxAge;
        this.clock = clock;
        this.damages = damages;
        this.lastLook = clock.instant();
    }

    /** The same where nobody asks for what is damaged. */
    public static SampleSpool open(Path folder, long maxBytes, Duration maxAge, Clock clock) throws IOException {
        return open(folder, maxBytes, maxAge, clock, new Damages());
    }

    /**
     * Opens the spool in a folder, which is created if need be, with whatever an earlier process left there.
     *
     * @param maxBytes on disk, above 0
     * @param maxAge after which a sample is dropped
     * @param clock that ages are judged by; what it leaps while the spool is open makes nothing older
     * @param damages told of damaged files
     */
    public static SampleSpool open(Path folder, long maxBytes, Duration maxAge, Clock clock, Damages damages)
            throws IOException {
        if (maxBytes < 1 || maxAge.isNegative() || maxAge.isZero()) {
            throw new IllegalArgumentException(
                    "spool bounds must be above 0, are " + maxBytes + " bytes and age " + maxAge);
        }
        SampleSpool spool = new SampleSpool(folder, maxBytes, maxAge, clock, damages);
        spool.recover();
        return spool;
    }

    private synchronized void recover() throws IOException {
        Files.createDirectories(folder);
        List<Path> files;
        try (Stream<Path> listing = Files.list(folder)) {
            files = listing.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(SpoolFile.UNFINISHED)) {
                delete(file);
            } else if (name.endsWith(SpoolFile.SUFFIX)) {
                try {
                    index(SpoolFile.read(file));
                } catch (CorruptException | IOException e) {
                    setAside(file, e.getMessage());
                }
            }
        }
        enforceBounds();
    }

    /** An id for a sample made now. It dates the sample, so it is never behind the clock that the age is judged by. */
    public String newId() {
        return UlidCreator.getMonotonicUlid(Math.max(System.currentTimeMillis(), clock.millis()))
                .toString();
    }

    /**
     * Spools a sample. When this returns true it is on disk.
     *
     * @return false if the spool is full of samples that are worth more; the sample is dropped and counted
     */
    public boolean put(SpooledSample sample) throws IOException {
        SpoolFile.write(folder, sample);
        synchronized (this) {
            index(sample);
            enforceBounds();
            return entries.containsKey(sample.id());
        }
    }

    /** Reads a sample; empty if it is gone, or damaged (then it is set aside and counted). */
    public Optional<SpooledSample> read(String id) {
        Path file = SpoolFile.path(folder, id);
        try {
            return Optional.of(SpoolFile.read(file));
        } catch (NoSuchFileException e) {
            synchronized (this) {
                forget(id);
            }
            return Optional.empty();
        } catch (CorruptException | IOException e) {
            synchronized (this) {
                forget(id);
                setAside(file, e.getMessage());
            }
            return Optional.empty();
        }
    }

    /** Removes a sample the cloud has answered for; false if it was not there. */
    public synchronized boolean remove(String id) {
        if (forget(id).isEmpty()) {
            return false;
        }
        delete(SpoolFile.path(folder, id));
        return true;
    }

    /** Drops what is older than the bound, and deletes what could not be deleted; call now and then. */
    public synchronized void expire() {
        leftOver.removeIf(SampleSpool::gone);
        enforceBounds();
    }

    /** All entries, oldest first. */
    public synchronized List<Entry> entries() {
        return new ArrayList<>(entries.values());
    }

    /** The most informative entries that are wanted, so many at most. */
    public synchronized List<Entry> best(int limit, Predicate<String> wanted) {
        return byWorth.stream()
                .filter(entry -> wanted.test(entry.id()))
                .limit(limit)
                .toList();
    }

    public synchronized boolean contains(String id) {
        return entries.containsKey(id);
    }

    public synchronized int images() {
        return entries.size();
    }

    public synchronized long bytes() {
        return bytes;
    }

    /** Gives a sample up, and counts it. */
    public synchronized void drop(String id, Drop why) {
        Entry entry = entries.get(id);
        if (entry != null) {
            drop(entry, why);
        }
    }

    /** Gives up all there is, and counts it; returns how many that were. */
    public synchronized int forgetAll() {
        int before = entries.size();
        while (!entries.isEmpty()) {
            drop(entries.firstEntry().getValue(), Drop.FORGOTTEN);
        }
        return before;
    }

    /** Samples given up since the agent's start. */
    public synchronized long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The same by reason. */
    public synchronized Map<Drop, Long> droppedByReason() {
        return new EnumMap<>(drops);
    }

    /** Damaged files set aside since the agent's start. */
    public synchronized long corrupted() {
        return corrupted;
    }

    private void index(SpooledSample sample) {
        boolean selected = sample.info().getReason() == UploadReason.INFORMATIVE;
        double rank = selected ? sample.info().getEntropy() : Double.MAX_VALUE;
        Entry entry = new Entry(sample.id(), SpoolFile.sizeOf(sample), rank);
        entries.put(entry.id(), entry);
        byWorth.add(entry);
        bytes += entry.size();
    }

    private Optional<Entry> forget(String id) {
        Entry entry = entries.remove(id);
        if (entry != null) {
            byWorth.remove(entry);
            bytes -= entry.size();
        }
        return Optional.ofNullable(entry);
    }

    private void enforceBounds() {
        Instant now = clock.instant();
        Duration passed = Duration.between(lastLook, now);
        lastLook = now;
        if (passed.compareTo(LEAP) >= 0) {
            leapt = leapt.plus(passed);
            LOG.warnf("the clock leapt by %d hours; samples that wait are no older for it", passed.toHours());
        }
        long oldest = now.minus(maxAge).minus(leapt).toEpochMilli();
        while (!entries.isEmpty() && timeOf(entries.firstKey()) < oldest) {
            drop(entries.firstEntry().getValue(), Drop.TOO_OLD);
        }
        while (bytes > maxBytes && !entries.isEmpty()) {
            drop(leastWorth(), Drop.SPOOL_FULL);
        }
    }

    /** Of the lowest rank the oldest. */
    private Entry leastWorth() {
        double rank = byWorth.last().rank();
        return byWorth.ceiling(new Entry("", 0, rank));
    }

    private void drop(Entry entry, Drop why) {
        forget(entry.id());
        delete(SpoolFile.path(folder, entry.id()));
        drops.merge(why, 1L, Long::sum);
    }

    private static long timeOf(String id) {
        return Ulid.isValid(id) ? Ulid.getTime(id) : Long.MAX_VALUE;
    }

    private void delete(Path file) {
        if (!gone(file)) {
            leftOver.add(file);
        }
    }

    private static boolean gone(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException e) {
            LOG.debugf("%s is deleted later: %s", file, e.getMessage());
            return false;
        }
    }

    private void setAside(Path file, String reason) {
        corrupted++;
        Path target = corruptFolder.resolve(file.getFileName());
        damages.found(file, "is damaged (" + reason + "); moved to " + target + ", the sample is lost");
        try {
            Files.createDirectories(corruptFolder);
            Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
            dropOldCorrupt();
        } catch (IOException e) {
            LOG.warnf("damaged spool file %s stays where it is: %s", file, e.getMessage());
        }
    }

    private void dropOldCorrupt() throws IOException {
        List<Path> files;
        try (Stream<Path> listing = Files.list(corruptFolder)) {
            files = listing.sorted(Comparator.reverseOrder()).toList();
        }
        files.stream().skip(CORRUPT_KEPT).forEach(SampleSpool::gone);
    }
}
