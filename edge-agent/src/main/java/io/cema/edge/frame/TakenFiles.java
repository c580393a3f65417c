package io.cema.edge.frame;

import io.cema.edge.storage.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Which files were taken, across restarts, {@code kill -9} included: a journal of 64-bit hashes of a file's path, size
 * and time, appended before the file is used, so that none is used twice. A file that was overwritten is another file.
 * One thread.
 */
final class TakenFiles implements AutoCloseable {
    private static final int SLACK = 1000;

    private final Path journal;
    private final Set<Long> taken = new HashSet<>();
    private FileChannel channel;
    private long end;

    private TakenFiles(Path journal) {
        this.journal = journal;
    }

    static TakenFiles open(Path journal) throws IOException {
        TakenFiles files = new TakenFiles(journal);
        files.openChannel();
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(files.channel.size()));
        while (content.hasRemaining() && files.channel.read(content) >= 0) {}
        content.flip();
        while (content.remaining() >= Long.BYTES) {
            files.taken.add(content.getLong());
        }
        // An entry that a kill cut short.
        files.end = content.position();
        files.channel.truncate(files.end);
        return files;
    }

    boolean contains(long key) {
        return taken.contains(key);
    }

    void add(long key) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).putLong(0, key);
        while (entry.hasRemaining()) {
            channel.write(entry, end + entry.position());
        }
        end += Long.BYTES;
        taken.add(key);
    }

    /** Forgets what is no longer there, once that is worth a new journal. */
    void retain(Set<Long> present) throws IOException {
        if (taken.size() <= 2 * present.size() + SLACK) {
            return;
        }
        taken.retainAll(present);
        ByteBuffer content = ByteBuffer.allocate(taken.size() * Long.BYTES);
        taken.forEach(content::putLong);
        DurableFile.write(journal, content.flip());
        channel.close();
        openChannel();
        end = channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void openChannel() throws IOException {
        channel =
                FileChannel.open(journal, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
