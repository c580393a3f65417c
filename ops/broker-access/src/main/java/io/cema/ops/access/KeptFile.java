package io.cema.ops.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file says that the cloud service replaces now and then. One that cannot be read, or is not the authority's, does
 * not take the place of a good one. Thread-safe.
 */
final class KeptFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(KeptFile.class);

    private final String what;
    private final Path file;
    private final String without;
    private final Reading<T> reading;
    private volatile T content;
    private String seen = "";
    private String lastProblem = "";

    /** Makes sense of a file, and checks whose it is. Fails with whatever says why not. */
    interface Reading<T> {
        T of(byte[] bytes) throws IOException, GeneralSecurityException;
    }

    /**
     * @param what the file holds, for messages
     * @param without what it means that there is none
     */
    KeptFile(String what, Path file, String without, Reading<T> reading) {
        this.what = what;
        this.file = file;
        this.without = without;
        this.reading = reading;
    }

    /** Reads the file if it is another one than at the last call; says a problem once. Short file I/O. */
    synchronized void refresh() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            String now = attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
            if (now.equals(seen) && content != null) {
                return;
            }
            content = reading.of(Files.readAllBytes(file));
            seen = now;
            lastProblem = "";
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            String problem = e.toString();
            if (!problem.equals(lastProblem)) {
                LOG.error(
                        "{} {} cannot be used, {}: {}",
                        what,
                        file,
                        content == null ? without : "the one before stays in force",
                        problem);
                lastProblem = problem;
            }
        }
    }

    /** The last good one; empty if there has been none since the start. */
    Optional<T> content() {
        return Optional.ofNullable(content);
    }
}
