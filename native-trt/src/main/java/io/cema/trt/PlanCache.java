package io.cema.trt;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Plans on disk, one file each: the key in words, a note of whoever built it, the SHA-256 of note and plan, the plan. A file that is damaged or of another key is
 * put away and counts as absent, so it is built again. The plans used last are kept. One process per folder; thread-safe.
 */
public final class PlanCache {
    private static final Logger LOG = Logger.getLogger(PlanCache.class);
    private static final String SUFFIX = ".plan";
    private static final byte[] MAGIC = "CEMA-TRT-PLAN 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST = 32;

    /**
     * @param plan for {@link TensorRt#load}
     * @param note what its builder wants to know of it, opaque to the cache
     */
    public record Entry(byte[] plan, byte[] note) {}

    private final Path folder;
    private final int kept;
    private final Clock clock;

    /**
     * @param folder created if absent
     * @param kept plans that stay, at least 1
     */
    public PlanCache(Path folder, int kept, Clock clock) throws IOException {
        if (kept < 1) {
            throw new IllegalArgumentException("at least 1 plan must be kept, not " + kept);
        }
        this.folder = Files.createDirectories(folder);
        this.kept = kept;
        this.clock = clock;
    }

    /** The plan of this key, if there is a sound one. */
    public synchronized Optional<Entry> find(PlanKey key) throws IOException {
        Path file = file(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Optional<Entry> entry = read(key, Files.readAllBytes(file));
        if (entry.isEmpty()) {
            Path away = folder.resolve(file.getFileName() + ".damaged");
            Files.move(file, away, StandardCopyOption.REPLACE_EXISTING);
            LOG.warnf("plan %s is damaged: put away as %s, to be built again", file.getFileName(), away.getFileName());
        } else {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        }
        return entry;
    }

    /** Writes a plan so that after a crash there is the whole file or none, and drops the ones used longest ago. */
    public synchronized void store(PlanKey key, Entry entry) throws IOException {
        Path file = file(key);
        Path fresh = folder.resolve(file.getFileName() + ".new");
        byte[] text = key.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(
                        MAGIC.length + 2 * Integer.BYTES + text.length + entry.note().length + DIGEST)
                .put(MAGIC)
                .putInt(text.length)
                .put(text)
                .putInt(entry.note().length)
                .put(entry.note())
                .put(digest(entry))
                .flip();
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(out, head);
            writeFully(out, ByteBuffer.wrap(entry.plan()));
            out.force(true);
        }
        Files.setLastModifiedTime(fresh, FileTime.from(clock.instant()));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        dropOldest();
    }

    /** Forgets a plan that TensorRT would not take. */
    public synchronized void remove(PlanKey key) throws IOException {
        Files.deleteIfExists(file(key));
    }

    private Path file(PlanKey key) {
        return folder.resolve(key.digest() + SUFFIX);
    }

    /** Empty if anything is not as {@link #store} wrote it. */
    private static Optional<Entry> read(PlanKey key, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            byte[] magic = take(in, MAGIC.length);
            byte[] text = take(in, in.getInt());
            byte[] note = take(in, in.getInt());
            byte[] digest = take(in, DIGEST);
            Entry entry = new Entry(take(in, in.remaining()), note);
            return Arrays.equals(magic, MAGIC)
                            && Arrays.equals(text, key.text().getBytes(StandardCharsets.UTF_8))
                            && Arrays.equals(digest, digest(entry))
                    ? Optional.of(entry)
                    : Optional.empty();
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    private static byte[] take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static byte[] digest(Entry entry) {
        MessageDigest digest = PlanKey.sha256();
        digest.update(entry.note());
        digest.update(entry.plan());
        return digest.digest();
    }

    private void dropOldest() throws IOException {
        List<Path> plans;
        try (Stream<Path> files = Files.list(folder)) {
            plans = files.filter(f -> f.getFileName().toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparing(PlanCache::lastUsed))
                    .toList();
        }
        for (Path old : plans.subList(0, Math.max(0, plans.size() - kept))) {
            Files.delete(old);
        }
    }

    private static FileTime lastUsed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read the age of " + file, e);
        }
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
