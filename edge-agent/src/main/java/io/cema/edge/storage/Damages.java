package io.cema.edge.storage;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/** Files that were found damaged since the agent's start, and what was done about each. Thread-safe. */
public final class Damages {
    private static final Logger LOG = Logger.getLogger(Damages.class);
    private static final int TOLD = 32;
    /** So that a folder of samples does not push out the one file that matters. */
    private static final int TOLD_OF_A_FOLDER = 10;

    private final Deque<Damage> newest = new ArrayDeque<>();
    private long count;

    private record Damage(Path folder, String text) {}

    /**
     * Counts a damaged file and logs it.
     *
     * @param what is wrong with it and what takes its place, such as "is no JSON; its copy is used"
     */
    public synchronized void found(Path file, String what) {
        count++;
        List<Damage> beside =
                newest.stream().filter(d -> d.folder().equals(file.getParent())).toList();
        if (beside.size() == TOLD_OF_A_FOLDER) {
            newest.remove(beside.get(0));
        } else if (newest.size() == TOLD) {
            newest.removeFirst();
        }
        newest.addLast(new Damage(file.getParent(), file + " " + what));
        LOG.warnf("damaged: %s %s", file, what);
    }

    public synchronized long count() {
        return count;
    }

    /** The newest of them in words, oldest first, 32 at most and ten of a folder. */
    public synchronized List<String> newest() {
        return newest.stream().map(Damage::text).toList();
    }
}
