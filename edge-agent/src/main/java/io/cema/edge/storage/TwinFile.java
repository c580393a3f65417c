package io.cema.edge.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * A small file that the device cannot do without, twice: flash memory loses single files. The copy is written first and the
 * file itself last, so the file decides what counts, and the copy is never behind it. Reading changes nothing on the disk; a
 * damaged file is kept as {@code .corrupt}, one of each name, when the next write takes its place. One thread at a time.
 */
public final class TwinFile {
    private static final Logger LOG = Logger.getLogger(TwinFile.class);
    private static final String COPY = ".copy";
    private static final String CORRUPT = ".corrupt";

    private final Path file;
    private final Path copy;
    private final Damages damages;
    private boolean damaged;
    private boolean lost;

    /** Makes sense of the bytes; what it throws says what is wrong with them. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(byte[] bytes) throws IOException;
    }

    public TwinFile(Path file, Damages damages) {
        this.file = file;
        this.copy = file.resolveSibling(file.getFileName() + COPY);
        this.damages = damages;
    }

    /** What was written last; empty if nothing was, or if neither can be read, see {@link #lost}. */
    public <T> Optional<T> read(Reader<T> reader) {
        Optional<T> own = read(file, reader, "its copy is used if that is sound");
        if (own.isPresent()) {
            return own;
        }
        damaged = Files.exists(file);
        Optional<T> second = read(copy, reader, "there is no other");
        lost = second.isEmpty() && (damaged || Files.exists(copy));
        return second;
    }

    /** Whether the last read found something that was written before, and could not make sense of it. */
    public boolean lost() {
        return lost;
    }

    /** On return it is on disk, twice. If it throws, what counted before counts on. */
    public void write(byte[] bytes) throws IOException {
        if (damaged) {
            keepCorrupt();
            damaged = false;
        }
        DurableFile.write(copy, bytes);
        DurableFile.write(file, bytes);
        lost = false;
    }

    /** On return there is neither. */
    public void delete() throws IOException {
        Files.deleteIfExists(copy);
        Files.deleteIfExists(file);
        damaged = false;
        lost = false;
    }

    private <T> Optional<T> read(Path from, Reader<T> reader, String otherwise) {
        if (!Files.exists(from)) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.read(Files.readAllBytes(from)));
        } catch (IOException | RuntimeException e) {
            damages.found(from, "cannot be read (" + firstLine(e) + "); " + otherwise);
            return Optional.empty();
        }
    }

    private void keepCorrupt() {
        try {
            Files.move(file, file.resolveSibling(file.getFileName() + CORRUPT), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.debugf("%s is overwritten: %s", file, e.getMessage());
        }
    }

    private static String firstLine(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
