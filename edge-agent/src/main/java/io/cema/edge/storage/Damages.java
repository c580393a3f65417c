package io.cema.edge.storage;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/** Files that were found damaged since the agent's start, and what was done about each. Thread-safe. */
public final class Damages {
    private static final Logger LOG = Logger.getLogger(Damages.class);
    private static final int TOLD = 16;

    private final Deque<String> newest = new ArrayDeque<>();
    private long count;

    /**
     * Counts a damaged file and logs it.
     *
     * @param what is wrong with it and what takes its place, such as "is no JSON; its copy is used"
     */
    public synchronized void found(Path file, String what) {
        count++;
        if (newest.size() == TOLD) {
            newest.removeFirst();
        }
        newest.addLast(file + " " + what);
        LOG.warnf("damaged: %s %s", file, what);
    }

    public synchronized long count() {
        return count;
    }

    /** The newest of them in words, oldest first, sixteen at most. */
    public synchronized List<String> newest() {
        return List.copyOf(newest);
    }
}
