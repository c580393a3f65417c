package io.cema.edge.frame;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.Digests;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * Finds new, whole image files. A file is whole when its size and time have stood unchanged for the time to settle, and it
 * ends as an image does; one that does not end so is offered all the same after a minute, since some cameras pad their
 * files. Measured with the monotonic clock: what the files' times say of now does not matter. One thread.
 */
final class FolderScan {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path folder;
    private final Comparator<Candidate> order;
    private final long settleNanos;
    private final LongSupplier nanoClock;
    /** When a file that is not taken yet was first seen as it is. */
    private Map<Long, Long> waiting = Map.of();

    private Set<Long> present = Set.of();

    /**
     * A file to take.
     *
     * @param key of its path, size and time
     */
    record Candidate(Path file, long key, long size, long modifiedMillis) {}

    FolderScan(Path folder, WatchedFolderSource.Order order, Duration settle, LongSupplier nanoClock) {
        this.folder = folder;
        Comparator<Candidate> byName = Comparator.comparing(Candidate::file);
        this.order = order == WatchedFolderSource.Order.NAME
                ? byName
                : Comparator.comparingLong(Candidate::modifiedMillis).thenComparing(byName);
        this.settleNanos = settle.toNanos();
        this.nanoClock = nanoClock;
    }

    /**
     * One look at the folder.
     *
     * @param taken by key
     * @return whole files that were not taken, in order
     */
    List<Candidate> look(LongPredicate taken) throws IOException {
        long now = nanoClock.getAsLong();
        Map<Long, Long> stillWaiting = new HashMap<>();
        Set<Long> all = new HashSet<>();
        List<Candidate> whole = new ArrayList<>();
        for (Candidate candidate : files()) {
            all.add(candidate.key());
            if (!taken.test(candidate.key())) {
                long since = waiting.getOrDefault(candidate.key(), now);
                stillWaiting.put(candidate.key(), since);
                if (whole(candidate, now - since)) {
                    whole.add(candidate);
                }
            }
        }
        waiting = stillWaiting;
        present = all;
        whole.sort(order);
        return whole;
    }

    /** Keys of all image files at the last look. */
    Set<Long> present() {
        return present;
    }

    private boolean whole(Candidate candidate, long unchangedNanos) throws IOException {
        if (unchangedNanos < settleNanos || candidate.size() == 0) {
            return false;
        }
        if (unchangedNanos >= PATIENCE.toNanos() + settleNanos) {
            return true;
        }
        ImageFormat format = ImageFiles.formatOf(candidate.file()).orElseThrow();
        try {
            return ImageFiles.ends(candidate.file(), format);
        } catch (FileNotFoundException e) {
            // Gone, or not ours to read; the latter is offered after a minute and then said.
            return false;
        }
    }

    private List<Candidate> files() throws IOException {
        List<Candidate> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && ImageFiles.formatOf(file).isPresent()) {
                    long modified = attributes.lastModifiedTime().toMillis();
                    found.add(new Candidate(file, key(file, attributes), attributes.size(), modified));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (file.equals(folder)) {
                    throw failure;
                }
                // Went away meanwhile, or another's: the rest of the folder counts.
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private long key(Path file, BasicFileAttributes attributes) {
        String identity = folder.relativize(file) + "\n" + attributes.size() + "\n" + attributes.lastModifiedTime();
        return ByteBuffer.wrap(Digests.sha256(identity.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }
}
